"""How far the chain goes, at a glance; whether it is whole tells only a verification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from audit.verifier import GENESIS

# The waiting entry with the smallest id is the oldest one but for the moment between its id and its time.
_STATE = """
    SELECT coalesce(link.seq, 0), link.hash, waiting.number,
        greatest(coalesce(extract(epoch FROM clock_timestamp() - oldest.at), 0), 0)::float8,
        checkpoint.size, checkpoint.at, checkpoint.key_id
    FROM (SELECT count(*) AS number FROM audit_unsealed) waiting
    LEFT JOIN LATERAL (SELECT seq, hash FROM audit_links ORDER BY seq DESC LIMIT 1) link ON true
    LEFT JOIN LATERAL (
        SELECT entry.at FROM audit_unsealed JOIN audit_logs entry ON entry.id = entry_id ORDER BY entry_id LIMIT 1
    ) oldest ON true
    LEFT JOIN LATERAL (
        SELECT size, at, key_id FROM audit_checkpoints ORDER BY id DESC LIMIT 1
    ) checkpoint ON true
"""


@dataclass(frozen=True, slots=True)
class ChainState:
    """The length of the chain, its head in hexadecimal, what waits for a place, and the last checkpoint, if any."""

    size: int
    head: str
    waiting: int
    oldest_waiting_seconds: float
    checkpoint_size: int | None
    checkpoint_at: datetime | None
    key_id: str | None


def chain_state() -> ChainState:
    """The state as it is now, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        row = cursor.fetchone()
    assert row is not None
    size, head, *rest = row
    return ChainState(size, bytes(head or GENESIS).hex(), *rest)
