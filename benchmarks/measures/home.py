"""The first page of the console, over HTTP, with ten thousand requests."""

from __future__ import annotations

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.site import Site

ROWS = 10_000
SECONDS = 5.0
PAGES = {"home": "/admin/", "home, requests": "/admin/prompts/promptrequest/"}


def home(site: Site) -> list[Figure]:
    """Home and the list of requests, one after the other; beside a bare view without database."""
    site.installation.manage("collectstatic", "--no-input", "--verbosity=0")
    site.installation.manage("load_demo_data", "--requests", str(ROWS))
    site.serve()
    cookie, floor = site.session(), site.floor("json", connections=1).p50
    return [_figure(site, name, path, cookie, floor) for name, path in PAGES.items()]


def _figure(site: Site, name: str, path: str, cookie: str, floor: float) -> Figure:
    got, cost = site.load(load.message("GET", path, cookie=cookie), connections=1, seconds=SECONDS)
    remarks = f"one connection, {ROWS} rows; p99 {got.p99:.0f} ms"
    return Figure(name, got.p50, "ms", floor, "bare JSON", cpu_ms=cost.each(got.requests), remarks=remarks)
