"""Connections to PostgreSQL."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from django.db import connection

THEIRS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def no_collector() -> Iterator[None]:
    """As between two runs of the garbage collector, which can lie far apart."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(THEIRS)
        (number,) = cursor.fetchone() or (0,)
    return int(number)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.django_db(transaction=True)
def test_a_thread_that_ends_leaves_no_connection_open() -> None:
    before = others()
    for _ in range(5):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    wait = threading.Event()
    for _ in range(50):
        if others() == before:
            return
        wait.wait(0.1)
    pytest.fail(f"{others() - before} connections are still open.")
