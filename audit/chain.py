"""Linking entries to the chain, at most one process at a time.

An entry that is committed late, after younger ones were sealed, simply gets a later place
(docs/decisions/0009-audit-chain.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from audit.verifier import GENESIS, link_hash

#: Names the sealer among the advisory locks of the database.
LOCK = int.from_bytes(b"sealaudi", "big")
BATCH = 10_000

_HEAD = "SELECT seq, hash FROM audit_links ORDER BY seq DESC LIMIT 1"
# Whatever is linked already must not stop the others, should somebody queue it again.
_UNSEALED = """
    SELECT entry.id::text, entry.content_hash FROM audit_unsealed
    JOIN audit_logs entry ON entry.id = audit_unsealed.entry_id
    WHERE NOT EXISTS (SELECT FROM audit_links link WHERE link.entry_id = entry.id)
    ORDER BY entry.at, entry.id LIMIT %s
"""
# The hash before the first link and those of all new ones stand in one byte string, each of them twice in use.
_LINK = """
    INSERT INTO audit_links (seq, entry_id, prev_hash, hash, sealed_at)
    SELECT %s + place, entry, substr(hashes, 32 * place::int - 31, 32), substr(hashes, 32 * place::int + 1, 32), now()
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS waiting (entry, place), (SELECT %s::bytea) AS chain (hashes)
"""
_UNQUEUE = "DELETE FROM audit_unsealed WHERE entry_id = ANY(%s::uuid[])"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: how many links it has and the hash of the last one."""

    size: int
    hash: bytes


def head() -> Head:
    """The end of the chain as this transaction sees it."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        row = cursor.fetchone()
    return Head(row[0], bytes(row[1])) if row else Head(0, GENESIS)


def lock(*, wait: bool = False) -> bool:
    """Be the only one who links and signs until this transaction ends. False, unless told to wait, where another is."""
    statement = "SELECT true FROM pg_advisory_xact_lock(%s)" if wait else "SELECT pg_try_advisory_xact_lock(%s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
        (mine,) = cursor.fetchone() or (False,)
    return bool(mine)


def now() -> datetime:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone() or (None,)
    assert isinstance(moment, datetime)
    return moment


@transaction.atomic
def link_waiting(limit: int = BATCH) -> int | None:
    """Link up to `limit` entries by their time; their number, or None where another process is at it."""
    if not lock():
        return None
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, [limit])
        waiting = cursor.fetchall()
        if waiting:
            end = head()
            entries = "{" + ",".join(entry for entry, _ in waiting) + "}"
            hashes = chained(end, (bytes(content_hash) for _, content_hash in waiting))
            cursor.execute(_LINK, [end.size, entries, b"".join(hashes)])
            cursor.execute(_UNQUEUE, [entries])
    return len(waiting)


def chained(end: Head, content_hashes: Iterable[bytes]) -> Iterator[bytes]:
    """The hash of the last link, and of each new one."""
    yield (current := end.hash)
    for seq, content_hash in enumerate(content_hashes, start=end.size + 1):
        yield (current := link_hash(seq, current, content_hash))
