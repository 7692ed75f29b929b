"""Erasing texts and deleting facts past their time, a batch a transaction (docs/decisions/0025-retention.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import log
from prompts.exceptions import NotFound
from prompts.models import PromptType
from prompts.services.erasing import delete_facts, erase_texts

TEXTS_ERASED = "requests.texts_erased"
FACTS_DELETED = "requests.facts_deleted"
BATCH = 500
#: Ids that are read at a time where nothing is changed.
PAGE = 10_000
#: What the scheduler purges at most in one run, so that it ends; the next goes on.
MOST_A_RUN = 50_000

_DUE = """
    SELECT request.id, request.created_at FROM prompt_requests AS request
    WHERE request.prompt_type = %(slug)s
        AND (request.created_at, request.id) > (%(after)s::timestamptz, %(after_id)s::uuid)
        AND request.created_at < now() - make_interval(days => %(days)s)
        AND request.status IN ('completed', 'failed', 'cancelled') AND {condition}
    ORDER BY request.created_at, request.id LIMIT %(batch)s
"""
_LOCKED = " FOR UPDATE OF request SKIP LOCKED"
_HAVE_TEXTS = "request.texts_erased_at IS NULL"
# Only as far as nothing is left behind: unfinished, not sealed yet, or in the hands of another purge.
_GO_ON_FROM = """
    INSERT INTO retention_progress (prompt_type, texts_erased_until)
    SELECT %(slug)s, coalesce((
        SELECT created_at FROM prompt_requests WHERE prompt_type = %(slug)s AND texts_erased_at IS NULL
            AND created_at >= %(since)s::timestamptz AND created_at <= %(last)s ORDER BY created_at, id LIMIT 1
    ), %(last)s)
    ON CONFLICT (prompt_type) DO UPDATE
    SET texts_erased_until = greatest(retention_progress.texts_erased_until, excluded.texts_erased_until)
"""
_Position = tuple[datetime | str, UUID]
FIRST = UUID(int=0)
BEGINNING: _Position = ("-infinity", FIRST)


@dataclass(frozen=True, slots=True)
class Purged:
    """What one batch did: `action` to `number` requests of a type; `looked_at` were past their time."""

    prompt_type: str
    action: str
    number: int
    looked_at: int
    position: _Position


def kinds(slug: str = "") -> list[PromptType]:
    """The types that keep something only for a time; only that of `slug`, if given. Raises NotFound."""
    rows = PromptType.objects.order_by("slug")
    if slug and not rows.filter(slug=slug).exists():
        raise NotFound(_("There is no prompt type “%(slug)s”.") % {"slug": slug})
    limited = rows.filter(Q(keep_texts_days__isnull=False) | Q(keep_facts_days__isnull=False))
    return list(limited.filter(slug=slug) if slug else limited)


def purge(kind: PromptType, *, batch: int = BATCH, limit: int | None = None) -> Iterator[Purged]:
    """Purge a type, a batch at a time, oldest first, until nothing is past its time or `limit` requests are done.

    Each batch is one short transaction with one audit entry. It may be ended at any time, and several may run.
    """
    left = limit
    for action in (FACTS_DELETED, TEXTS_ERASED):
        position = None
        while left is None or left > 0:
            done = _purge_batch(kind, action, position, batch if left is None else min(batch, left))
            if done is None:
                break
            left, position = None if left is None else left - done.number, done.position
            yield done


def purge_all(*, limit: int = MOST_A_RUN) -> int:
    """Purge every type that keeps something only for a time, `limit` requests at most; how many were purged.

    Each gets its share first, so that none waits for ever behind one that has more than `limit` an hour.
    """
    total, found = 0, kinds()
    for share in (limit // max(len(found), 1), limit):
        for kind in found:
            total += sum(done.number for done in purge(kind, limit=min(share, limit - total)))
    return total


def count_due(kind: PromptType) -> dict[str, int]:
    """How many requests of a type `purge` would take now, by action; what it would pass over is among them.

    Facts go first: what is past the time of both is deleted as a whole, and no text of it is left to erase.
    """
    texts, facts = _days(kind, TEXTS_ERASED), _days(kind, FACTS_DELETED)
    whole = _count(kind, TEXTS_ERASED, facts) if texts is not None else 0
    return {FACTS_DELETED: _count(kind, FACTS_DELETED, facts), TEXTS_ERASED: _count(kind, TEXTS_ERASED, texts) - whole}


def _count(kind: PromptType, action: str, days: int | None) -> int:
    """Of what is older than so many days, a page at a time: there may be millions."""
    number, position = 0, _since(kind, action)
    while page := _due(kind, action, days, position, PAGE, lock=False):
        number += len(page)
        position = (page[-1][1], page[-1][0])
    return number


def _days(kind: PromptType, action: str) -> int | None:
    """As it is now: a purge takes long, and somebody may change it meanwhile."""
    column = "keep_facts_days" if action == FACTS_DELETED else "keep_texts_days"
    return PromptType.objects.filter(pk=kind.pk).values_list(column, flat=True).first()


@transaction.atomic
def _purge_batch(kind: PromptType, action: str, position: _Position | None, batch: int) -> Purged | None:
    """None where nothing is left that is past its time."""
    days, since = _days(kind, action), _since(kind, action)
    found = _due(kind, action, days, position or since, batch)
    if not found:
        return None
    ids = [request_id for request_id, _created in found]
    erased = erase_texts(ids)
    purged = delete_facts(ids) if action == FACTS_DELETED else erased
    last_id, last = found[-1]
    if action == TEXTS_ERASED:
        _run(_GO_ON_FROM, {"slug": kind.slug, "since": since[0], "last": last})
    _tell(kind, action, purged, days)
    if action == FACTS_DELETED:
        # Of what has to stay: others replay it, or still need it.
        _tell(kind, TEXTS_ERASED, list(set(erased) - set(purged)), days)
    return Purged(kind.slug, action, len(purged), len(found), (last, last_id))


def _tell(kind: PromptType, action: str, purged: list[UUID], days: int | None) -> None:
    """Their ids rise with time: the first and the last say which they were. Of none there is nothing to tell."""
    if not purged:
        return
    details = {"requests": len(purged), "first": str(min(purged)), "last": str(max(purged)), "days": days}
    log.append(action, actor=None, target=kind, details={"prompt_type": kind.slug, **details})


def _since(kind: PromptType, action: str) -> _Position:
    """Where there may be something to do. Deleted rows are in nobody's way; erased ones would be read again."""
    if action == FACTS_DELETED:
        return BEGINNING
    rows = _rows("SELECT texts_erased_until FROM retention_progress WHERE prompt_type = %(slug)s", {"slug": kind.slug})
    return (rows[0][0], FIRST) if rows else BEGINNING


def _due(
    kind: PromptType, action: str, days: int | None, after: _Position, batch: int | None, *, lock: bool = True
) -> list[tuple[UUID, datetime]]:
    """Ids and times of requests past their time, oldest first; without `days` there are none."""
    if days is None:
        return []
    statement = _DUE.format(condition="true" if action == FACTS_DELETED else _HAVE_TEXTS)
    values = {"slug": kind.slug, "after": after[0], "after_id": after[1], "days": days, "batch": batch}
    return _rows(statement + _LOCKED if lock else statement, values)


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _run(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
