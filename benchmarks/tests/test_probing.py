"""What is taken down about a call."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks.growth.probing import TIMES, Probe, take

pytestmark = pytest.mark.django_db


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_statements_are_counted_and_plain_reads_explained() -> None:
    taken = take(Probe("two", lambda: run("SELECT 1", "SELECT count(*) FROM prompt_types WHERE slug = 'text'")))
    assert taken.statements == 2
    assert taken.blocks > 0
    assert any("prompt_types" in scan for scan in taken.scans)


def test_what_writes_is_planned_but_done_no_more_often_for_that() -> None:
    run("CREATE TEMPORARY TABLE done (n int)")
    take(Probe("writes", lambda: run("WITH one AS (INSERT INTO done VALUES (1) RETURNING n) SELECT n FROM one")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM done")
        assert cursor.fetchone() == (TIMES + 2,)


def test_a_call_that_is_not_to_be_explained_is_only_counted() -> None:
    taken = take(Probe("one", lambda: run("SELECT count(*) FROM prompt_types"), explained=False))
    assert (taken.statements, taken.blocks, taken.scans) == (1, 0, [])


def test_each_call_is_prepared() -> None:
    prepared: list[int] = []
    take(Probe("one", lambda: run("SELECT 1"), before=lambda: prepared.append(1)))
    assert len(prepared) == TIMES + 2


def test_processor_time_of_the_database_counts() -> None:
    taken = take(Probe("busy", lambda: run("SELECT sum(n) FROM generate_series(1, 300000) AS n"), explained=False))
    idle = take(Probe("idle", lambda: run("SELECT 1"), explained=False))
    assert taken.cpu_ms > 5 * idle.cpu_ms
