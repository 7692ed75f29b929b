"""What the product adds to one call: from acceptance to the stored answer, the vendor taking no time."""

from __future__ import annotations

import json
import time
from statistics import median, quantiles

from benchmarks import mock
from benchmarks.figures import Figure
from benchmarks.site import Site

REQUESTS, IGNORED = 110, 10
#: Between two requests, so that the system is idle again.
PAUSE_SECONDS = 0.05
AIM = 25.0
TOOK = """
    SELECT extract(epoch FROM finished_at - created_at) FROM prompt_requests
    WHERE status = 'completed' ORDER BY created_at OFFSET %s
"""


def overhead(site: Site) -> list[Figure]:
    """One request at a time, by the database's clock; beside a bare view with an INSERT and one call of the SDK."""
    with mock.running(0) as vendor:
        took = _took(site, vendor.url)
        direct = json.loads(site.script("benchmarks.calling", vendor.url, "200", "1"))["p50_ms"]
    floor = site.floor("insert", connections=1).p50 + direct
    remarks = f"p95 {quantiles(took, n=20)[18]:.1f} ms, {len(took)} requests, one at a time"
    return [Figure("overhead p50", median(took), "ms", floor, "bare INSERT + SDK call", AIM, remarks=remarks)]


def _took(site: Site, url: str) -> list[float]:
    """Milliseconds of each request."""
    installation = site.installation
    installation.environment |= {"OPENAI_API_KEY": "sk-mock", "OPENAI_BASE_URL": url}
    site.serve()
    installation.start_worker()
    for _ in range(REQUESTS):
        assert installation.ask().status_code == 201
        installation.wait_until_finished(60)
        time.sleep(PAUSE_SECONDS)
    rows = installation.sql(TOOK, IGNORED)
    assert len(rows) == REQUESTS - IGNORED, installation.statuses()
    return [float(row[0]) * 1000 for row in rows]
