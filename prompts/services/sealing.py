"""Sealing answered requests: many at once under one root in the audit log (docs/decisions/0012-sealed-requests.md)."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from audit import log, merkle
from prompts.models import PromptSeal
from prompts.sealed_facts import SALT_BYTES, facts_of, leaf_of

logger = logging.getLogger(__name__)

SEALED = "requests.sealed"
ALGORITHM = "SHA-256, RFC 9162 Merkle tree of RFC 8785 JSON"
BATCH = 1000
#: What one call seals at most, so that it ends; the next goes on.
MAX_BATCHES = 100
LAG_SECONDS = 5
LATE_WINDOW_HOURS = 3

# An answer carries its transaction's start. What began before the oldest transaction that can still write began is
# all visible now, but for what slips through between a clock's reading and its announcement: hence some seconds more.
_HORIZON = """
    SELECT least(
        clock_timestamp() - make_interval(secs => %(lag)s),
        min(xact_start) FILTER (
            WHERE backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '10 minutes'
        )
    )
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_NEXT = """
    SELECT prompt_id, created_at, id FROM prompt_responses
    WHERE (created_at, id) > (%(after)s::timestamptz, %(after_id)s::uuid) AND created_at < %(horizon)s
    ORDER BY created_at, id LIMIT %(batch)s
"""
_WAITING = """
    SELECT extract(epoch FROM now() - greatest(created_at, (
        SELECT entry.at FROM prompt_seals AS seal JOIN audit_logs AS entry ON entry.id = seal.entry_id
        ORDER BY seal.id DESC LIMIT 1
    ))) FROM prompt_responses
    WHERE (created_at, id) > (%(after)s::timestamptz, %(after_id)s::uuid) ORDER BY created_at, id LIMIT 1
"""
_LATE = """
    SELECT prompt_id, created_at, id FROM prompt_responses WHERE prompt_id IN (
        SELECT prompt_id FROM prompt_responses
        WHERE (created_at, id) <= (%(last)s::timestamptz, %(last_id)s::uuid)
            AND created_at BETWEEN %(since)s AND %(until)s
        EXCEPT
        SELECT unnest(request_ids) FROM prompt_seals WHERE answered && tstzrange(%(since)s, %(until)s, '[]')
    )
    ORDER BY created_at, id
"""
_Answer = tuple[UUID, datetime, UUID]


def seal_answers() -> int:
    """Seal what was answered since the last seal, up to 1,000 a batch; how many.

    Each batch is one transaction with its audit entry. Does nothing while another process seals.
    """
    total = 0
    for _ in range(MAX_BATCHES):
        sealed = _seal_next()
        total += sealed
        if sealed < BATCH:
            break
    return total


@transaction.atomic(durable=True)
def seal_late_answers() -> int:
    """Seal answers of the last hours that `seal_answers` should have found and did not; how many. Normally none."""
    if not _is_only_sealer():
        return 0
    late = _late(f"now() - interval '{LATE_WINDOW_HOURS} hours'")
    for start in range(0, len(late), BATCH):
        _seal(late[start : start + BATCH], is_late=True)
    if late:
        logger.warning("%d answers were sealed late.", len(late))
    return len(late)


@transaction.atomic
def seal_passed_by(first: datetime, last: datetime) -> int:
    """Seal answers of this span of time that came after the answers beside them had been sealed; how many.

    For whoever stores answers with times of the past, in the same transaction: nobody else would ever look there.
    """
    # Not tried but waited for: until this transaction has ended, nobody may go past what it has written.
    _rows("SELECT pg_advisory_xact_lock(hashtext('prompt_seals'))")
    late = _late_between(first, last)
    for start in range(0, len(late), BATCH):
        _seal(late[start : start + BATCH], is_late=True)
    return len(late)


def unsealed_seconds() -> float:
    """For how long answers have been there without anything being sealed; 0 where all are sealed."""
    after, after_id = _last()
    rows = _rows(_WAITING, {"after": after, "after_id": after_id})
    return float(rows[0][0]) if rows else 0.0


def unsealed_answers() -> list[UUID]:
    """Requests whose answer is older than the last seal and in none. Reads all of history; normally empty."""
    return [request_id for request_id, _at, _id in _late("'-infinity'")]


@transaction.atomic(durable=True)
def _seal_next() -> int:
    if not _is_only_sealer():
        return 0
    answers = _next()
    if answers:
        _seal(answers, is_late=False)
    return len(answers)


def _is_only_sealer() -> bool:
    """Until the end of the transaction."""
    ((is_only,),) = _rows("SELECT pg_try_advisory_xact_lock(hashtext('prompt_seals'))")
    return bool(is_only)


def _last() -> tuple[datetime | str, UUID]:
    """The time and id of the last answer that was sealed in its turn."""
    seal = PromptSeal.objects.filter(is_late=False).only("answered", "last_response_id").first()
    return (seal.answered.upper, seal.last_response_id) if seal else ("-infinity", UUID(int=0))


def _next() -> list[_Answer]:
    ((horizon,),) = _rows(_HORIZON, {"lag": LAG_SECONDS})
    after, after_id = _last()
    return _rows(_NEXT, {"after": after, "after_id": after_id, "horizon": horizon, "batch": BATCH})


def _late(since: str) -> list[_Answer]:
    ((start,),) = _rows(f"SELECT ({since})::timestamptz::text")
    return _late_between(start, "infinity")


def _late_between(since: datetime | str, until: datetime | str) -> list[_Answer]:
    last, last_id = _last()
    return _rows(_LATE, {"last": last, "last_id": last_id, "since": since, "until": until})


def _rows(statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _seal(answers: Sequence[_Answer], *, is_late: bool) -> None:
    request_ids = [request_id for request_id, _at, _id in answers]
    salts = [os.urandom(SALT_BYTES) for _ in answers]
    leaves = [leaf_of(facts) for facts in facts_of(request_ids, salts)]
    if len(leaves) != len(answers):
        raise RuntimeError("Answers have gone while they were being sealed.")
    root = merkle.root(leaves)
    (_, first, _), (_, last, last_id) = answers[0], answers[-1]
    details = {
        "algorithm": ALGORITHM,
        "root": root.hex(),
        "size": len(leaves),
        "first": first.isoformat(timespec="microseconds"),
        "last": last.isoformat(timespec="microseconds"),
        "late": int(is_late),
    }
    PromptSeal.objects.create(
        entry=log.append(SEALED, actor=None, details=details),
        root=root,
        size=len(leaves),
        answered=DateTimeTZRange(first, last, "[]"),
        last_response_id=last_id,
        is_late=is_late,
        request_ids=request_ids,
        leaves=b"".join(leaves),
        salts=b"".join(salts),
    )
