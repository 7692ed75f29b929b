"""One function a measure: takes a fresh installation, gives figures."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

import psutil

from benchmarks import load
from config.tests.e2e.installation import Installation, wait_for
from providers.tests.stubs import Reply, VendorStub

BODY = {"model": "openai/stub", "prompt_type": "text", "prompt_text": "Say hello.", "purpose": "benchmark"}
INSERT_DUE = """
    INSERT INTO prompt_requests
        (id, user_id, model, prompt_type, prompt_text, purpose, parameters, metadata, idempotency_key,
         status, attempt_count, lease_token, leased_by, error_class, error_message)
    SELECT gen_random_uuid(), (SELECT min(id) FROM users), 'openai/stub', 'text', 'Say hello.', 'benchmark', '{}', '{}',
         '', 'pending', 0, 0, '', '', '' FROM generate_series(1, %s)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, with the floor of the same run where there is one."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    remarks: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def accept(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """POST, authenticated, committed, announced. Floor: the health check of the same server."""
    token = _serve(installation)
    floor = load.run(installation.port, "GET", "/healthz", connections=32, seconds=5)
    got = load.run(installation.port, "POST", "/api/ai/prompts/", token=token, body=BODY, connections=32, seconds=10)
    assert set(got.statuses) == {201}, got.statuses
    remarks = f"32 connections; p50 {got.p50:.1f} ms, p99 {got.p99:.1f} ms; floor: GET /healthz"
    return [Figure("accept", got.per_second, "requests/s", floor.per_second, remarks)]


def read(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """The list and one request, with 10,000 rows."""
    token = _serve(installation)
    installation.sql(INSERT_DUE, 10_000)
    floor = load.run(installation.port, "GET", "/healthz", connections=16, seconds=5)
    request_id = installation.sql("SELECT id FROM prompt_requests LIMIT 1")[0][0]
    paths = {"list": "/api/ai/prompts/", "detail": f"/api/ai/prompts/{request_id}"}
    return [_read(installation, name, path, token, floor) for name, path in paths.items()]


def _read(installation: Installation, name: str, path: str, token: str, floor: load.Load) -> Figure:
    got = load.run(installation.port, "GET", path, token=token, connections=16, seconds=5)
    assert set(got.statuses) == {200}, got.statuses
    return Figure(
        name,
        got.per_second,
        "requests/s",
        floor.per_second,
        f"16 connections; p50 {got.p50:.1f} ms, p99 {got.p99:.1f} ms",
    )


def drain(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """One worker process runs 5,000 requests whose vendor takes 500 ms."""
    number = 5_000
    vendor.default = Reply(latency=0.5)
    installation.sql(INSERT_DUE, number)
    worker = installation.start_worker()
    wait_for(lambda: installation.statuses().get("completed", 0) > 0, 60, "the first answer")
    before = _cpu(worker)
    already = installation.statuses()["completed"]
    installation.wait_until_finished(120)
    cpu = _cpu(worker) - before
    seconds = float(
        installation.sql("SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM prompt_requests")[0][0]
    )
    remarks = f"CPU {cpu / (number - already) * 1000:.2f} ms a request; at most {vendor.max_in_flight} in flight"
    return [
        Figure(
            "drain",
            number / seconds,
            "requests/s",
            vendor.max_in_flight / 0.5,
            remarks + "; floor: in flight / 500 ms",
        )
    ]


def overhead(installation: Installation, vendor: VendorStub) -> list[Figure]:
    """From acceptance to the stored answer, one request at a time, vendor 0 ms. Floor: the announcing pause."""
    _serve(installation)
    installation.start_worker()
    for _ in range(60):
        assert installation.ask().status_code == 201
        installation.wait_until_finished(30)
        time.sleep(0.05)
    rows = installation.sql(
        "SELECT extract(epoch FROM finished_at - created_at) FROM prompt_requests ORDER BY created_at OFFSET 10"
    )
    took = [float(row[0]) * 1000 for row in rows]
    return [
        Figure(
            "overhead p50",
            median(took),
            "ms",
            remarks=f"p95 {quantiles(took, n=20)[18]:.1f} ms, {len(took)} requests",
        )
    ]


def _serve(installation: Installation) -> str:
    installation.start_web()
    installation.sign_in()
    return str(installation.http.headers["Authorization"]).partition(" ")[2]


def _cpu(process: subprocess.Popen[str]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


MEASURES: dict[str, Callable[[Installation, VendorStub], list[Figure]]] = {
    "accept": accept,
    "read": read,
    "drain": drain,
    "overhead": overhead,
}
