"""A worker that empties the queue while its vendor takes half a second for each answer."""

from __future__ import annotations

import json

from benchmarks import mock, processors
from benchmarks.figures import Figure
from benchmarks.site import Site
from config.tests.e2e.installation import wait_for

NUMBER = 5_000
LATENCY_MS = 500
#: Seconds after which it is taken for hung.
PATIENCE = 600
AIM, AIM_CPU_MS = 300.0, 3.0
INSERT_DUE = """
    INSERT INTO prompt_requests
        (id, user_id, model, prompt_type, prompt_text, purpose, parameters, metadata, idempotency_key,
         status, attempt_count, lease_token, leased_by, error_class, error_message)
    SELECT uuidv7(), (SELECT min(id) FROM users), 'openai/stub', 'text', 'Say hello.', 'benchmark', '{}', '{}',
         '', 'pending', 0, 0, '', '', '' FROM generate_series(1, %s)
"""
TOOK = "SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM prompt_requests"
RECORDED = """
    SELECT count(*) FROM prompt_requests AS request JOIN prompt_responses AS response ON response.prompt_id = request.id
    JOIN prompt_attempts AS attempt ON attempt.request_id = request.id AND attempt.outcome = 'succeeded'
    WHERE request.status = 'completed'
"""


def drain(site: Site) -> list[Figure]:
    """One worker process, all recorded with fence and attempts; beside the vendor's own SDK called by asyncio."""
    with mock.running(LATENCY_MS) as vendor:
        rate, cpu_ms = _drained(site, vendor.url)
    with mock.running(LATENCY_MS) as other:
        direct = json.loads(site.script("benchmarks.calling", other.url, str(NUMBER), str(vendor.most)))
    remarks = f"one worker process, {LATENCY_MS} ms a call, at most {vendor.most} in hand"
    return [
        Figure("drain", rate, "requests/s", direct["per_second"], "SDK directly", AIM, cpu_ms, remarks),
        Figure("drain, worker's processor", cpu_ms, "ms", direct["cpu_ms"], "SDK directly", AIM_CPU_MS),
    ]


def _drained(site: Site, url: str) -> tuple[float, float]:
    """Requests a second, and processor time of the worker for each, from the first answer on."""
    installation = site.installation
    installation.environment |= {"OPENAI_API_KEY": "sk-mock", "OPENAI_BASE_URL": url}
    installation.sql(INSERT_DUE, NUMBER)
    worker = installation.start_worker()
    wait_for(lambda: installation.statuses().get("completed", 0) > 0, PATIENCE, "the first answer")
    before, already = processors.seconds([worker.pid]), installation.statuses()["completed"]
    installation.wait_until_finished(PATIENCE)
    cpu_ms = (processors.seconds([worker.pid]) - before) / (NUMBER - already) * 1000
    ((recorded,),), ((took,),) = installation.sql(RECORDED), installation.sql(TOOK)
    assert recorded == NUMBER, recorded
    return NUMBER / float(took), cpu_ms
