"""The sealer's thread: goes on through outages, and ends when it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from audit import sealer
from audit.models import AuditLink
from audit.services import sealing
from audit.tests.factories import append, sql

pytestmark = pytest.mark.django_db(transaction=True)

BACKENDS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sealer, "INTERVAL_SECONDS", 0.02)
    sealer.start()
    yield
    sealer.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def sealed_links() -> int:
    return AuditLink.objects.count()


def test_entries_are_sealed_by_themselves() -> None:
    append()
    wait_for(lambda: sealed_links() == 1)


def test_it_outlives_the_loss_of_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    append()
    wait_for(lambda: sealed_links() == 1)
    assert sql(f"SELECT bool_and(pg_terminate_backend(pid)) {BACKENDS}") == [(True,)]
    append()
    wait_for(lambda: sealed_links() == 2)
    assert "wait for PostgreSQL" in caplog.text


def test_it_outlives_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "seal", lambda: 1 / 0)
        append()
        wait_for(lambda: "could not be sealed" in caplog.text)
    wait_for(lambda: sealed_links() == 1)


def test_it_stops_quickly_and_leaves_no_connection() -> None:
    wait_for(lambda: sql(f"SELECT count(*) > 0 {BACKENDS}") == [(True,)])
    began = time.monotonic()
    sealer.stop()
    assert time.monotonic() - began < 1
    assert "sealer" not in {thread.name for thread in threading.enumerate()}
    wait_for(lambda: sql(f"SELECT count(*) {BACKENDS}") == [(0,)])
    append()
    time.sleep(0.1)
    assert sealed_links() == 0
    connection.close()
