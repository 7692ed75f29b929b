"""What is done to a site, how long it then takes, and what must be true in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psycopg

from config.tests.e2e.installation import wait_for
from config.tests.e2e.oracle import broken_rules
from config.tests.machines.site import Site, worker_name

UNFINISHED_BEFORE = """
    SELECT 1 FROM prompt_requests WHERE status IN ('pending', 'generating') AND created_at <= %s LIMIT 1"""
IN_HAND = "SELECT 1 FROM prompt_requests WHERE status = 'generating' AND leased_by = %s LIMIT 1"
WORKED_SINCE = "SELECT 1 FROM prompt_attempts WHERE worker = %s AND started_at > %s LIMIT 1"
SEALED_TWICE = "SELECT answer FROM prompt_seals, unnest(request_ids) AS answer GROUP BY answer HAVING count(*) > 1"
NOT_ONE_ACTIVE = """
    SELECT prompt_type FROM prompt_versions GROUP BY prompt_type HAVING count(*) FILTER (WHERE is_active) > 1"""
UNSEALED = """
from prompts.services import sealing
sealing.seal_answers(); sealing.seal_late_answers(); print(len(sealing.unsealed_answers()))
"""


@dataclass
class Load:
    """Requests that come in steadily; complete when `load` has ended."""

    accepted: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def ask(self, site: Site) -> None:
        began = time.monotonic()
        try:
            answer = site.ask()
        except httpx2.TransportError as error:
            self.lost.append(repr(error))
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status_code == 201:
            self.accepted.append(answer.json()["id"])
        else:
            self.refused.append(answer.status_code)


@contextmanager
def load(site: Site, a_second: float) -> Iterator[Load]:
    """Requests to all web servers in turn, beside what is done meanwhile."""
    made, enough = Load(), threading.Event()

    def ask_steadily() -> None:
        while not enough.wait(1 / a_second):
            made.ask(site)

    thread = threading.Thread(target=ask_steadily)
    thread.start()
    try:
        yield made
    finally:
        enough.set()
        thread.join()


def now(site: Site) -> Any:
    """By the database's clock."""
    return site.sql("SELECT clock_timestamp()")[0][0]


def finished_after(site: Site, seconds: float) -> float:
    """Wait until everything that was accepted before now has ended; how many seconds that took."""
    before, began = now(site), time.monotonic()
    wait_for(lambda: not site.sql(UNFINISHED_BEFORE, before), seconds, "what was accepted before the fault")
    return time.monotonic() - began


def works_after(site: Site, worker: str, seconds: float) -> float:
    """Wait until a worker begins another call; how many seconds that took."""
    since, began = now(site), time.monotonic()
    wait_for(
        lambda: bool(site.sql(WORKED_SINCE, worker_name(worker), since)),
        seconds,
        lambda: f"{worker} to work again: {site.log_of(worker)[-2000:]}",
    )
    return time.monotonic() - began


def wait_until_busy(site: Site, worker: str) -> None:
    """Return when a worker has calls in hand, so that it has something to lose."""
    wait_for(lambda: bool(site.sql(IN_HAND, worker_name(worker))), 60, f"{worker} to have calls in hand")


def accepts_after(site: Site, host: str, seconds: float) -> float:
    """Wait until a web server accepts a request; how many seconds that took."""
    began = time.monotonic()
    wait_for(lambda: _accepts(site.clients[host]), seconds, f"{host} to accept a request")
    return time.monotonic() - began


def _accepts(client: httpx2.Client) -> bool:
    body = {"model": "openai/stub", "prompt_type": "text", "prompt_text": "Are you there?"}
    try:
        return client.post("/api/ai/prompts/", json=body).status_code == 201
    except httpx2.TransportError:
        return False


def stale_reads(site: Site, rounds: int) -> list[str]:
    """Activate new versions on each web server in turn, and read them at once on all; what was not the newest."""
    found = []
    for number in range(rounds):
        writer = list(site.clients.values())[number % len(site.clients)]
        answer = writer.post("/api/ai/prompts/text", json={"template": f"Round {number} of {{{{input}}}}"})
        assert answer.status_code == 201, answer.text
        newest = answer.json()["data"]["versionNumber"]
        assert writer.post(f"/api/ai/prompts/text/{newest}/activate").status_code == 200
        for host, client in site.clients.items():
            read = client.get("/api/ai/prompts/text/active").json()["data"]["versionNumber"]
            if read != newest:
                found.append(f"{host} gave version {read} after {newest} was active")
    return found


def broken(site: Site, made: Load, seconds: float = 120) -> dict[str, Any]:
    """Wait until everything has ended; what does not hold then, empty where all does."""
    site.wait_until_finished(seconds)
    completed = {str(row[0]) for row in site.sql("SELECT id FROM prompt_requests WHERE status = 'completed'")}
    found: dict[str, Any] = dict(broken_rules(site))
    found["accepted, not completed"] = sorted(set(made.accepted) - completed)
    found["sealed twice"] = site.sql(SEALED_TWICE)
    found["types with several active versions"] = site.sql(NOT_ONE_ACTIVE)
    return {rule: what for rule, what in found.items() if what}


def unsealed(site: Site) -> int:
    """How many answers no seal holds, after sealing what is there."""
    return int(site.manage("shell", "--no-imports", "-c", UNSEALED))


def until_true(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """`wait_for`, with a database that may be away meanwhile."""

    def holds() -> bool:
        try:
            return condition()
        except psycopg.OperationalError:
            return False

    wait_for(holds, seconds, what)
