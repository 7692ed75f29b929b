"""Migrations beside long transactions: nobody waits behind a lock that a migration waits for."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import migrating
from config.bootstrap import migrate
from config.tests.e2e.installation import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("table")]

#: An app that no other's migrations depend on.
APP = "django_celery_results"
MODULE = "migrations_that_wait"
WIDER = "ALTER TABLE waited ADD COLUMN more integer"
INDEX = "CREATE INDEX CONCURRENTLY waited_index ON waited (id)"
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = {atomic}
    operations = [migrations.RunSQL({sql!r})]
"""
Write = Callable[..., None]


class Complaints:
    """What the command says, and what shall happen when it says something for the first time."""

    def __init__(self, on_first: Callable[[], object] = lambda: None) -> None:
        self.lines: list[str] = []
        self._on_first = on_first

    def write(self, line: str) -> None:
        self.lines.append(line)
        if len(self.lines) == 1:
            self._on_first()


@pytest.fixture
def table(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.MIGRATE_LOCK_SECONDS = 0.05
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.0)
    run("CREATE TABLE waited (id integer)")
    yield
    run("DROP TABLE waited")
    MigrationRecorder.Migration.objects.filter(app=APP, name="0001_waiting").delete()


@pytest.fixture
def pending(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Have a migration with this statement wait to be run."""

    def write(sql: str, *, atomic: bool = True) -> None:
        folder = tmp_path / MODULE
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "0001_waiting.py").write_text(MIGRATION.format(atomic=atomic, sql=sql))
        monkeypatch.syspath_prepend(tmp_path)
        settings.MIGRATION_MODULES = {APP: MODULE}

    yield write
    for name in [name for name in sys.modules if name.startswith(MODULE)]:
        del sys.modules[name]


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Another's connection, which begins a transaction with its first statement."""
    with psycopg.connect(**connection.get_connection_params()) as opened:
        opened.autocommit = False
        yield opened
        opened.rollback()


def run(sql: str, params: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone() if cursor.description else None


def has_wider_table() -> bool:
    return bool(run("SELECT 1 FROM information_schema.columns WHERE table_name = 'waited' AND column_name = 'more'"))


def is_valid_index() -> bool:
    return bool(run("SELECT 1 FROM pg_index WHERE indexrelid = 'waited_index'::regclass AND indisvalid"))


def test_a_writer_goes_first_where_a_migration_waits_for_a_reader(pending: Write, other: psycopg.Connection) -> None:
    pending(WIDER)
    other.execute("SELECT * FROM waited")

    def write_then_let_the_reader_end() -> None:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as writer:
            writer.execute("SET lock_timeout = '10s'")
            writer.execute("INSERT INTO waited VALUES (1)")
        other.rollback()

    complaints = Complaints(write_then_let_the_reader_end)
    call_command("migrate", APP, verbosity=0, stderr=complaints)

    assert "trying again" in complaints.lines[0]
    assert run("SELECT count(*) FROM waited") == (1,)
    assert has_wider_table()


def test_a_start_waits_no_other_way(pending: Write, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    pending(WIDER)
    other.execute("SELECT * FROM waited")
    monkeypatch.setattr(sys, "stderr", complaints := Complaints(other.rollback))

    assert migrate() == 1
    assert complaints.lines
    assert has_wider_table()


def test_a_lock_that_never_comes_ends_the_command_with_nothing_changed(
    pending: Write, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TRIES", 3)
    pending(f"CREATE TABLE half_done (); {WIDER}")
    other.execute("SELECT * FROM waited")
    complaints = Complaints()

    with pytest.raises(CommandError, match="pg_stat_activity"):
        call_command("migrate", APP, verbosity=0, stderr=complaints)

    assert len(complaints.lines) == 2
    assert run("SELECT to_regclass('half_done')") == (None,)
    assert run("SHOW lock_timeout") == ("0",)


def test_another_failure_is_not_tried_again(pending: Write) -> None:
    pending("SELECT 1 / 0")
    complaints = Complaints()

    with pytest.raises(Exception, match="division by zero"):
        call_command("migrate", APP, verbosity=0, stderr=complaints)
    assert complaints.lines == []


def test_an_index_that_a_broken_off_try_has_left_invalid_is_built_again(
    pending: Write, other: psycopg.Connection
) -> None:
    other.execute("INSERT INTO waited VALUES (1)")
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as first:
        first.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            first.execute(INDEX)
    other.commit()
    assert not is_valid_index()

    pending(INDEX, atomic=False)
    call_command("migrate", APP, verbosity=0)
    assert is_valid_index()


def test_an_index_in_nobodys_way_is_waited_for(pending: Write, other: psycopg.Connection) -> None:
    pending(INDEX, atomic=False)
    other.execute("INSERT INTO waited VALUES (1)")
    complaints = Complaints()

    def end_once_it_waits() -> None:
        wait_for(has_waited_long, 60, "the index")
        other.commit()

    end = threading.Thread(target=end_once_it_waits)
    end.start()
    call_command("migrate", APP, verbosity=0, stderr=complaints)
    end.join()

    assert complaints.lines == []
    assert is_valid_index()


def has_waited_long() -> bool:
    """Whether the index waits for longer than any other lock would be waited for."""
    with psycopg.connect(**connection.get_connection_params()) as watching:
        return bool(
            watching.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND query LIKE 'CREATE INDEX CONCURRENTLY waited_index%' AND now() - query_start > interval '0.2 s'"
            ).fetchall()
        )


@pytest.mark.parametrize(("seconds", "limit"), [(0, "0"), (2, "2s")])
def test_the_limit_is_the_setting_and_0_is_none(pending: Write, settings: Any, seconds: int, limit: str) -> None:
    settings.MIGRATE_LOCK_SECONDS = seconds
    pending("CREATE TABLE seen_limit AS SELECT current_setting('lock_timeout') AS value")
    call_command("migrate", APP, verbosity=0)
    seen = run("SELECT value FROM seen_limit")
    run("DROP TABLE seen_limit")

    assert seen == (limit,)
