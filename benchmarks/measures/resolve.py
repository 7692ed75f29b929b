"""Reading the active version of a type, as a program does before each call of a model."""

from __future__ import annotations

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.site import Site

PATH = "/api/ai/prompts/ocr_extraction/active"
CONNECTIONS = 64
SECONDS, QUIET_SECONDS = 8.0, 3.0
AIM, AIM_P50 = 2_500.0, 1.5


def resolve(site: Site) -> list[Figure]:
    """Under load and one after the other, beside a bare view without database: the product asks none, either."""
    message = load.message("GET", PATH, token=site.serve())
    floor, quiet_floor = site.floor("json", connections=CONNECTIONS), site.floor("json", connections=1)
    busy, cost = site.load(message, connections=CONNECTIONS, seconds=SECONDS)
    quiet, _cost = site.load(message, connections=1, seconds=QUIET_SECONDS)
    remarks = (
        f"{CONNECTIONS} connections; p50 {busy.p50:.1f} ms, p99 {busy.p99:.1f} ms; "
        f"generator {busy.own_share:.0%} of a core"
    )
    return [
        Figure(
            "resolve",
            busy.per_second,
            "requests/s",
            floor.per_second,
            "bare JSON",
            AIM,
            cost.each(busy.requests),
            remarks,
        ),
        Figure(
            "resolve p50",
            quiet.p50,
            "ms",
            quiet_floor.p50,
            "bare JSON",
            AIM_P50,
            remarks=f"one connection; p99 {quiet.p99:.1f} ms",
        ),
    ]
