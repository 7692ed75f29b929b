"""A list and single requests, out of ten thousand."""

from __future__ import annotations

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.site import Site, ids

ROWS = 10_000
CONNECTIONS = 16
SECONDS = 5.0
#: So many different requests are asked for in turn.
DETAILS = 500
# Every second request becomes the owner's, so that the list is that of somebody who has many.
GIVE = """
    SET LOCAL session_replication_role = replica;
    UPDATE prompt_requests SET user_id = (SELECT id FROM users WHERE username = 'owner')
    WHERE get_byte(uuid_send(id), 15) < 128;
"""
OWN = (
    "SELECT prompt_requests.id FROM prompt_requests JOIN users ON users.id = user_id WHERE username = 'owner' LIMIT %s"
)


def read(site: Site) -> list[Figure]:
    """Beside a bare view with one SELECT by primary key."""
    site.installation.manage("load_demo_data", "--requests", str(ROWS))
    site.installation.sql(GIVE)
    token = site.serve()
    floor = site.floor("select", connections=CONNECTIONS).per_second
    details = [f"/api/ai/prompts/{identifier}" for identifier in ids(site.installation.sql(OWN, DETAILS))]
    assert len(details) == DETAILS
    pages = {"list": ["/api/ai/prompts/"], "detail": details}
    return [_figure(site, name, paths, token, floor) for name, paths in pages.items()]


def _figure(site: Site, name: str, paths: list[str], token: str, floor: float) -> Figure:
    messages = [load.message("GET", path, token=token) for path in paths]
    got, cost = site.load(*messages, connections=CONNECTIONS, seconds=SECONDS)
    remarks = f"{CONNECTIONS} connections, {ROWS} rows; p50 {got.p50:.1f} ms, p99 {got.p99:.1f} ms"
    return Figure(
        name,
        got.per_second,
        "requests/s",
        floor,
        "bare SELECT",
        cpu_ms=cost.each(got.requests),
        remarks=remarks,
    )
