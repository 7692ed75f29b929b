"""What is taken down about a call."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks.growth.plans import scans
from benchmarks.growth.probing import TIMES, Probe, take

pytestmark = pytest.mark.django_db


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rows(statement: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        got: list[tuple[int, ...]] = cursor.fetchall()
    return got


def test_statements_are_counted_and_plain_reads_explained() -> None:
    taken = take(Probe("two", lambda: run("SELECT 1", "SELECT count(*) FROM prompt_types WHERE slug = 'text'")))
    assert taken.statements == 2
    assert taken.blocks > 0
    assert any("prompt_types" in scan for scan in taken.scans)


@pytest.mark.django_db(transaction=True)
def test_blocks_are_counted_of_what_is_not_explained_and_of_writes() -> None:
    run("CREATE TABLE IF NOT EXISTS growing AS SELECT n FROM generate_series(1, 5000) AS n")
    try:
        (size,) = rows("SELECT pg_relation_size('growing') / 8192")
        read = take(Probe("read", lambda: run("SELECT sum(n) FROM growing"), explained=False))
        written = take(Probe("write", lambda: run("UPDATE growing SET n = 0 WHERE n = -1")))
    finally:
        run("DROP TABLE growing")
    assert read.blocks == written.blocks == size[0]


def test_a_scan_is_told_with_the_blocks_and_the_rows_that_it_read() -> None:
    plan = {
        "Node Type": "Bitmap Heap Scan",
        "Relation Name": "x",
        "Shared Hit Blocks": 7,
        "Actual Rows": 10,
        "Rows Removed by Filter": 20,
        "Actual Loops": 3,
        "Plan Rows": 1,
        "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "y", "Shared Read Blocks": 2, "Plan Rows": 30}],
    }
    assert list(scans(plan)) == [("Bitmap Heap Scan x", 5, 90), ("Bitmap Index Scan y", 2, 30)]


def test_what_writes_is_planned_but_done_no_more_often_for_that() -> None:
    run("CREATE TEMPORARY TABLE done (n int)")
    take(Probe("writes", lambda: run("WITH one AS (INSERT INTO done VALUES (1) RETURNING n) SELECT n FROM one")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM done")
        assert cursor.fetchone() == (TIMES + 2,)


def test_a_call_that_is_not_to_be_explained_is_only_counted() -> None:
    taken = take(Probe("one", lambda: run("SELECT count(*) FROM prompt_types"), explained=False))
    assert (taken.statements, taken.blocks, taken.scans) == (1, 0, {})


def test_each_call_is_prepared() -> None:
    prepared: list[int] = []
    take(Probe("one", lambda: run("SELECT 1"), before=lambda: prepared.append(1)))
    assert len(prepared) == TIMES + 2


def test_processor_time_of_the_database_counts() -> None:
    taken = take(Probe("busy", lambda: run("SELECT sum(n) FROM generate_series(1, 300000) AS n"), explained=False))
    idle = take(Probe("idle", lambda: run("SELECT 1"), explained=False))
    assert taken.cpu_ms > 5 * idle.cpu_ms
