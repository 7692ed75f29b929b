"""The database that a backup is brought into: may it be, and how what it held comes back when that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from config.backups import facts
from config.backups.clients import SCHEMA
from config.backups.exceptions import Damaged, Refused
from config.backups.manifest import Manifest

#: Where the tables of before wait until those of the backup are there.
ASIDE = "before_restore"
_HAS_TABLES = """
    SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
"""
_OTHERS = """
    SELECT coalesce(nullif(application_name, ''), 'unnamed'), count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
    GROUP BY 1 ORDER BY 1
"""
_OWNER = "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = %s"


def refuse_newer(manifest: Manifest) -> None:
    """Raises Refused for what a later release, or a later PostgreSQL, has made."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    applied = {(app, name) for app, names in manifest.migrations.items() for name in names}
    if unknown := sorted(applied - known):
        names = ", ".join(".".join(migration) for migration in unknown[:3])
        raise Refused(f"It is of a later release: this one doesn't know {names}. Restore it with that release.")
    if manifest.server > (major := facts.server_major()):
        raise Refused(f"It was made from PostgreSQL {manifest.server}, and this is {major}. Use that version or newer.")


def refuse_others() -> None:
    """Raises Refused while anybody else is connected to the database."""
    if others := _rows(_OTHERS):
        names = ", ".join(f"{name} ({count})" for name, count in others)
        raise Refused(
            f"The database is in use: {names}. Stop web, worker and scheduler first; --force goes on all the same."
        )


def refuse_full(*, replace: bool) -> None:
    """Raises Refused where the database holds tables, unless it is said that they shall go."""
    if replace:
        return
    if _exists(ASIDE):
        raise Refused(
            f"A restore was broken off here, and what there was before lies in the schema {ASIDE!r}. --replace begins "
            f"anew; `DROP SCHEMA {SCHEMA} CASCADE; ALTER SCHEMA {ASIDE} RENAME TO {SCHEMA}` brings it back."
        )
    if _has_tables(SCHEMA):
        raise Refused(
            "The database is not empty. Restore into another one (DATABASE_URL, or DATA_DIR for the embedded server), "
            "or say --replace: everything in it is lost then."
        )


@contextmanager
def emptied() -> Iterator[None]:
    """The schema is empty inside. What was in it is dropped when the context ends well, and else comes back."""
    _set_aside()
    try:
        yield
    except BaseException:
        _take_back()
        raise
    _run("DROP SCHEMA IF EXISTS {aside} CASCADE")


def compare(manifest: Manifest, tables: dict[str, int]) -> None:
    """Raises Damaged where a table has another number of rows than the backup says."""
    if wrong := different(manifest, tables):
        raise Damaged(f"The database that came out of it is not the one that went in: {'; '.join(wrong)}.")


def different(manifest: Manifest, tables: dict[str, int]) -> list[str]:
    """The tables whose number of rows is another one than the backup says."""
    names = sorted({*manifest.tables, *tables})
    told = manifest.tables
    return [
        f"{name} has {tables.get(name, 'no')} rows, not {told.get(name, 'any')}"
        for name in names
        if tables.get(name) != told.get(name)
    ]


@transaction.atomic
def _set_aside() -> None:
    """What a restore that was broken off has set aside stays there, unless it had come to its end."""
    if not _has_tables(SCHEMA):
        return
    owner = _rows(_OWNER, SCHEMA)[0][0]
    _run("DROP SCHEMA IF EXISTS {aside} CASCADE; ALTER SCHEMA {schema} RENAME TO {aside}")
    _run("CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO PUBLIC")
    # As PostgreSQL quotes it, where that is needed.
    _run(f"ALTER SCHEMA {{schema}} OWNER TO {owner}")


def _take_back() -> None:
    if _exists(ASIDE):
        _run("BEGIN; DROP SCHEMA {schema} CASCADE; ALTER SCHEMA {aside} RENAME TO {schema}; COMMIT")


def _exists(schema: str) -> bool:
    return bool(_rows("SELECT FROM pg_namespace WHERE nspname = %s", schema))


def _has_tables(schema: str) -> bool:
    return bool(_rows(_HAS_TABLES, schema)[0][0])


def _run(statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statements).format(schema=sql.Identifier(SCHEMA), aside=sql.Identifier(ASIDE)))


def _rows(statement: str, *values: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows
