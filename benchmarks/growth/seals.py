"""Seals of very many answers. Their leaves are drawn by lot, but they are found as real ones are."""

from __future__ import annotations

import os
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from audit import log
from prompts.models import PromptSeal
from prompts.services import sealing

#: Answers that are left for the product to seal.
UNSEALED = 5_000
SIZE = 1_000
LAST = "SELECT upper(answered), last_response_id FROM prompt_seals WHERE NOT is_late ORDER BY id DESC LIMIT 1"
NEW = "SELECT prompt_id, created_at, id FROM prompt_responses WHERE (created_at, id) > (%s, %s) ORDER BY created_at, id"
# Beside answers of an earlier filling, which are sealed.
LATE = """
    SELECT prompt_id, created_at, response.id FROM prompt_responses AS response
    LEFT JOIN (SELECT unnest(request_ids) AS id FROM prompt_seals) AS sealed ON sealed.id = prompt_id
    WHERE (created_at, response.id) <= (%s, %s) AND sealed.id IS NULL ORDER BY created_at, response.id
"""


def seal() -> None:
    """All answers but the newest, in the order in which they came."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        last = cursor.fetchone() or ("-infinity", UUID(int=0))
    _seal_each(LATE, last, spared=0)
    _seal_each(NEW, last, spared=UNSEALED // SIZE)


def _seal_each(query: str, last: tuple[Any, ...], *, spared: int) -> None:
    """What the query gives, in batches, but for so many of the last of them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE answers NO SCROLL CURSOR FOR {query}", last)
        batches = iter(lambda: _fetched(cursor), [])
        ahead = list(islice(batches, spared))
        for batch in batches:
            ahead.append(batch)
            _seal_one(ahead.pop(0), is_late=query == LATE)


def _fetched(cursor: Any) -> list[Any]:
    cursor.execute(f"FETCH {SIZE} FROM answers")
    rows: list[Any] = cursor.fetchall()
    return rows


def _seal_one(answers: list[Any], *, is_late: bool) -> None:
    (_, first, _), (_, last, last_id) = answers[0], answers[-1]
    details = {"first": first.isoformat(timespec="microseconds"), "last": last.isoformat(timespec="microseconds")}
    PromptSeal.objects.create(
        entry=log.append(sealing.SEALED, actor=None, details=details),
        root=os.urandom(32),
        size=len(answers),
        answered=DateTimeTZRange(first, last, "[]"),
        last_response_id=last_id,
        is_late=is_late,
        request_ids=[request_id for request_id, _at, _id in answers],
        leaves=os.urandom(32 * len(answers)),
        salts=os.urandom(16 * len(answers)),
    )
