"""The whole log as it stands at one moment, for verification and export: streamed, of any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit.chain import now
from audit.verifier import Checkpoint, Record, Waiting

ROWS_AT_A_TIME = 2_000
FIRST, MINIMUM = 1, -(2**63)

# As text, since a forged row may hold a moment that Python has no value for.
_MOMENT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
#: The columns that repeat what the content says, by their places in it.
COLUMNS = {
    ("action",): "entry.action",
    ("actor", "id"): "entry.actor_id",
    ("actor", "label"): "entry.actor_label",
    ("at",): _MOMENT.format("entry.at"),
    ("origin", "address"): "coalesce(host(entry.address), '')",
    ("origin", "channel"): "entry.channel",
    ("target", "id"): "entry.target_id",
    ("target", "label"): "entry.target_label",
    ("target", "type"): "entry.target_type",
}
_LINKS = f"""
    SELECT link.seq, link.entry_id::text, entry.content, coalesce(entry.content_hash, ''), link.prev_hash, link.hash,
        {_MOMENT.format("link.sealed_at")}, {", ".join(COLUMNS.values())}
    FROM audit_links link LEFT JOIN audit_logs entry ON entry.id = link.entry_id
    WHERE link.seq >= %s ORDER BY link.seq
"""  # noqa: S608 (made of the names above)
_WAITING = f"""
    SELECT entry.id::text, entry.content, entry.content_hash, {", ".join(COLUMNS.values())}
    FROM audit_unsealed JOIN audit_logs entry ON entry.id = audit_unsealed.entry_id
    WHERE NOT EXISTS (SELECT FROM audit_links link WHERE link.entry_id = entry.id)
    ORDER BY entry.at, entry.id
"""  # noqa: S608
_LOST = """
    SELECT 'stray', id::text FROM audit_logs entry
    WHERE NOT EXISTS (SELECT FROM audit_links link WHERE link.entry_id = entry.id)
        AND NOT EXISTS (SELECT FROM audit_unsealed queued WHERE queued.entry_id = entry.id)
    UNION ALL
    SELECT 'gone', entry_id::text FROM audit_unsealed queued
    WHERE NOT EXISTS (SELECT FROM audit_logs entry WHERE entry.id = queued.entry_id)
    UNION ALL
    SELECT 'twice', entry_id::text FROM audit_unsealed queued
    WHERE EXISTS (SELECT FROM audit_links link WHERE link.entry_id = queued.entry_id)
"""
_CHECKPOINTS = f"""
    SELECT id, size, head, {_MOMENT.format("at")}, key_id, signature FROM audit_checkpoints WHERE size >= %s ORDER BY id
"""  # noqa: S608


class Link(NamedTuple):
    """A link with its entry; `columns` in the order of COLUMNS."""

    record: Record
    sealed_at: str
    columns: Sequence[Any]


@contextmanager
def snapshot() -> Iterator[datetime]:
    """Everything read inside is of one moment, which this gives. Not inside another transaction."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Checking signatures, or a slow disk, may take longer than a transaction may idle elsewhere.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield now()


def links(since: int = FIRST) -> Iterator[Link]:
    """Every link from number `since` on, in order; of the whole chain, also what was slipped in before the first."""
    rows = _stream(_LINKS, since if since > FIRST else MINIMUM)
    for seq, entry, content, content_hash, prev_hash, link_hash, sealed_at, *columns in rows:
        record = Record(seq, entry, content, bytes(content_hash), bytes(prev_hash), bytes(link_hash))
        yield Link(record, sealed_at, columns)


def waiting() -> Iterator[tuple[Waiting, Sequence[Any]]]:
    """Every entry that has no place yet, and its columns."""
    for entry, content, content_hash, *columns in _stream(_WAITING):
        yield Waiting(entry, content, bytes(content_hash)), columns


def lost() -> Iterator[tuple[str, str]]:
    """What and which: entries that are where none may be (`audit.verifier.LOST`)."""
    yield from _stream(_LOST)


def checkpoints(since: int = FIRST) -> Iterator[tuple[int, Checkpoint]]:
    """The checkpoints of the table that say something of links from number `since` on, with their ids."""
    for number, size, head, at, key_id, signature in _stream(_CHECKPOINTS, since - 1 if since > FIRST else MINIMUM):
        yield number, Checkpoint(size, bytes(head), at or "", key_id, bytes(signature))


def _stream(query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
    """Rows from a cursor of the server's, so that memory doesn't grow with the table."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield from rows
