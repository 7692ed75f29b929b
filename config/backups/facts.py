"""What the database is at one moment, counted in the snapshot that is dumped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection
from psycopg import sql

from audit.services import reading
from audit.services.state import chain_state
from config.backups.clients import SCHEMA
from config.backups.exceptions import Refused
from config.backups.manifest import ChainFacts

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' ORDER BY c.relname
"""
#: Names of erased contents are no hashes, and nothing lies under them.
_HASHES = "SELECT DISTINCT sha256 FROM document_files WHERE sha256 ~ '^[0-9a-f]{64}$' ORDER BY sha256"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
HASHES_AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class Facts:
    """A snapshot by PostgreSQL's name for it, which holds as long as its transaction is open, and what is in it."""

    snapshot: str
    made_at: str
    tables: dict[str, int]
    migrations: dict[str, list[str]]
    chain: ChainFacts


@contextmanager
def snapshot() -> Iterator[Facts]:
    """The database as it is now; everything read inside is of this moment. Raises Refused where there are no tables.

    Holds a transaction open, and with it the right to see what others delete meanwhile: leave it soon.
    """
    with reading.snapshot() as at:
        tables = count_tables()
        if "django_migrations" not in tables:
            raise Refused(f"The database has no tables of ours in its schema {SCHEMA!r}: there is nothing to back up.")
        yield Facts(
            snapshot=_value("SELECT pg_export_snapshot()"),
            made_at=at.astimezone(UTC).isoformat(timespec="microseconds"),
            tables=tables,
            migrations=_applied_migrations(),
            chain=_chain_facts(),
        )


def count_tables() -> dict[str, int]:
    """The rows of every table."""
    statement = sql.SQL("SELECT count(*) FROM {}")
    return {name: _value(statement.format(sql.Identifier(SCHEMA, name))) for (name,) in _rows(_TABLES, SCHEMA)}


def document_hashes() -> Iterator[str]:
    """The hashes of all contents that a row names, in their order. Inside of a snapshot."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_HASHES)
        while rows := cursor.fetchmany(HASHES_AT_A_TIME):
            yield from (sha256 for (sha256,) in rows)


def still_named(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a row names now."""
    found = _rows("SELECT DISTINCT sha256 FROM document_files WHERE sha256 = ANY(%s)", hashes)
    return {sha256 for (sha256,) in found}


def server_major() -> int:
    """The major version of the database server."""
    return int(_value("SELECT current_setting('server_version_num')::int / 10000"))


def _applied_migrations() -> dict[str, list[str]]:
    applied: dict[str, list[str]] = defaultdict(list)
    for app, name in _rows(_MIGRATIONS):
        applied[app].append(name)
    return dict(applied)


def _chain_facts() -> ChainFacts:
    state = chain_state()
    at = state.checkpoint_at.astimezone(UTC).isoformat(timespec="microseconds") if state.checkpoint_at else None
    return ChainFacts(state.size, state.head, state.waiting, state.checkpoint_size, at, state.key_id)


def _value(statement: str | sql.Composable) -> Any:
    return _rows(statement)[0][0]


def _rows(statement: str | sql.Composable, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
