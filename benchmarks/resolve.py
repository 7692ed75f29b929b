"""Reading the active version of a type, as a program does before each call of a model."""

from __future__ import annotations

from benchmarks import load
from benchmarks.measures import Figure
from config.tests.e2e.installation import Installation, wait_for
from providers.tests.stubs import VendorStub

PATH = "/api/ai/prompts/ocr_extraction/active"
CONNECTIONS = 64


def resolve(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """With a token, on two web processes: under load, and one after the other. Floor: the health check."""
    token = _serve(installation)
    floor = load.run(installation.port, "GET", "/healthz", connections=CONNECTIONS, seconds=5)
    busy = _read(installation, token, CONNECTIONS, 10)
    quiet = _read(installation, token, 1, 5)
    remarks = f"{CONNECTIONS} connections; p50 {busy.p50:.1f} ms, p99 {busy.p99:.1f} ms; floor: GET /healthz"
    return [
        Figure("resolve", busy.per_second, "requests/s", floor.per_second, remarks),
        Figure("resolve p50", quiet.p50, "ms", remarks=f"one connection; p99 {quiet.p99:.1f} ms"),
    ]


def _read(installation: Installation, token: str, connections: int, seconds: float) -> load.Load:
    got = load.run(installation.port, "GET", PATH, token=token, connections=connections, seconds=seconds)
    assert set(got.statuses) == {200}, got.statuses
    return got


def _serve(installation: Installation) -> str:
    """A token, from two processes with the threads that `manage.py run` gives them."""
    installation.spawn(
        "-m", "granian", "--interface=wsgi", "--workers=2", "--blocking-threads=16", "--no-ws", "--log-level=error",
        "--host=127.0.0.1", f"--port={installation.port}", "config.wsgi:application",
    )  # fmt: skip
    wait_for(lambda: installation._answers("/healthz"), 30, "the web server")
    installation.sign_in()
    return str(installation.http.headers["Authorization"]).partition(" ")[2]
