"""Accepting a request: POST, authenticated, committed, announced."""

from __future__ import annotations

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.site import Site

BODY = {"model": "openai/stub", "prompt_type": "text", "prompt_text": "Say hello.", "purpose": "benchmark"}
CONNECTIONS = 64
SECONDS = 8.0
AIM, AIM_P99 = 800.0, 150.0


def accept(site: Site) -> list[Figure]:
    """Beside a bare view with one INSERT and COMMIT."""
    message = load.message("POST", "/api/ai/prompts/", token=site.serve(), body=BODY)
    floor = site.floor("insert", connections=CONNECTIONS)
    got, cost = site.load(message, connections=CONNECTIONS, seconds=SECONDS, status=201)
    each = f"{cost.web / got.requests * 1000:.2f} ms web + {cost.database / got.requests * 1000:.2f} ms PostgreSQL"
    remarks = f"{CONNECTIONS} connections; p50 {got.p50:.0f} ms; {each}; generator {got.own_share:.0%} of a core"
    return [
        Figure(
            "accept",
            got.per_second,
            "requests/s",
            floor.per_second,
            "bare INSERT",
            AIM,
            cost.each(got.requests),
            remarks,
        ),
        Figure("accept p99", got.p99, "ms", floor.p99, "bare INSERT", AIM_P99, remarks=f"{CONNECTIONS} connections"),
    ]
