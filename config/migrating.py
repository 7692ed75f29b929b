"""Migrations beside those who write: a lock that waits has everybody who comes later wait behind it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import DeadlockDetected, LockNotAvailable

#: How often a migration is begun before the others' locks are somebody's to look at.
TRIES = 30
#: In which those who waited behind the lock get their turn.
PAUSE_SECONDS = 1.0
#: These take locks that no writer waits for, and may wait themselves as long as it takes.
HARMLESS = re.compile(r"\bCONCURRENTLY\b|\bVALIDATE CONSTRAINT\b", re.IGNORECASE)
BUILT = re.compile(r'CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?("[^"]+"|\w+)', re.IGNORECASE)

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class GaveUp(Exception):
    """A lock was not to be had in all the tries."""


def pending(connection: BaseDatabaseWrapper) -> int:
    """How many migrations of this code the database lacks. Loads all of them, 2 MB, and builds their graph."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def patiently(
    migrate: Callable[[], object], connection: BaseDatabaseWrapper, *, seconds: int, complain: Callable[[str], object]
) -> None:
    """Call `migrate` until no lock keeps it from its end; each waits `seconds` at most, 0 for as long as it takes.

    A migration that is given up is rolled back as a whole, or, where it runs outside of a transaction, is one whose
    statements may be repeated. `complain` is told of every new try. Raises GaveUp.
    """
    failures, done = 0, -1
    while True:
        try:
            with _limited(connection, seconds):
                migrate()
            return
        except OperationalError as error:
            if connection.in_atomic_block or not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            before, done = done, len(MigrationRecorder(connection).applied_migrations())
            failures = failures + 1 if done == before else 1
            if failures == TRIES:
                raise GaveUp(_farewell(seconds)) from error
            complain(f"Others hold a lock that is needed. They go first; trying again ({failures} of {TRIES - 1}).")
            time.sleep(PAUSE_SECONDS)


def _farewell(seconds: int) -> str:
    return (
        f"Others held a lock that is needed, each time for more than {seconds} s. What was not migrated is as it was. "
        "Look for long transactions in pg_stat_activity, end them, and try again; or let writers wait with "
        "MIGRATE_LOCK_SECONDS=0."
    )


@contextmanager
def _limited(connection: BaseDatabaseWrapper, seconds: int) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(_rebuild))
        if seconds:
            limit = f"{seconds}s"
            stack.enter_context(connection.execute_wrapper(_Unlimited(limit)))
            before = _set(connection, limit)
            stack.callback(lambda: connection.is_usable() and _set(connection, before))
        yield


def _set(connection: BaseDatabaseWrapper, limit: str) -> str:
    """Set the time that each lock of this session may take; returns what it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, false)", [limit])
        (before, _now) = cursor.fetchone()
    return str(before)


class _Unlimited:
    """Lets statements that are in nobody's way take their time, where they stand for themselves."""

    def __init__(self, limit: str) -> None:
        self._limit = limit

    def __call__(self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        connection = context["connection"]
        if connection.in_atomic_block or not HARMLESS.search(str(sql)):
            return execute(sql, params, many, context)
        _set(connection, "0")
        try:
            return execute(sql, params, many, context)
        finally:
            _set(connection, self._limit)


def _rebuild(execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Take an index away before it is built concurrently: what has its name already is left of a try that broke off.

    Such a one is mostly invalid, and would be in the way for ever.
    """
    if built := BUILT.match(str(sql).lstrip()):
        execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built[1]}", None, False, context)
    return execute(sql, params, many, context)
