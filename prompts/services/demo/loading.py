"""Writing invented requests, a batch a transaction."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit import log
from prompts.models import PromptRequest
from prompts.retry import MAY_BE_BILLED
from prompts.services import sealing
from prompts.services.demo import calendar, furniture, statements
from prompts.services.demo.calendar import Span
from prompts.services.demo.furniture import Line
from prompts.services.demo.texts import KINDS, PEOPLE, text

LOADED = "demo_data.loaded"
BATCH = 20_000
#: How many texts there are to ask, and as many to answer, of each kind and batch.
TEXTS = 400
SEEDS = 1_000_003
#: Most of the time goes into the indexes of words, on one processor a connection.
WRITERS = 2
#: The last of them has ended by now, however long it took.
UNTIL = timedelta(minutes=10)


def has_real_requests() -> bool:
    """Whether anybody but the people of the demo has ever asked something."""
    return PromptRequest.objects.exclude(user__username__in=PEOPLE).exists()


def load(requests: int, *, days: int, seed: int = 0) -> Iterator[int]:
    """Invent requests of the last `days` days; yields after each batch how many there are so far.

    All have ended: nothing of it is ever run. Each batch is there as a whole or not at all, with its counts, and
    with its place in the audit log. The same `seed` gives the same figures and texts. Raises Conflict.
    """
    people, lines = furniture.people(), furniture.lines()
    hours = calendar.spans(requests, days=days, until=timezone.now() - UNTIL)
    batches = enumerate(calendar.batches(hours, BATCH))
    done = 0
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="demo") as pool:
        # What is under way when somebody stops this is written to its end; the others are not begun.
        for number in pool.map(lambda item: _write_alone(item[1], people, lines, seed_of(seed, item[0])), batches):
            done += number
            yield done


def _write_alone(batch: Sequence[Span], people: list[int], lines: list[Line], seed: int) -> int:
    """On a connection of this thread."""
    try:
        return _write(batch, people, lines, seed)
    finally:
        connection.close()


def tidy() -> None:
    """Have PostgreSQL look at the tables, which it would do by itself some minutes later. Not in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statements.TIDY)


@transaction.atomic(durable=True)
def _write(batch: Sequence[Span], people: list[int], lines: list[Line], seed: int) -> int:
    invent(batch, people, lines, seed)
    with connection.cursor() as cursor:
        cursor.execute(statements.SPAN)
        first, last = cursor.fetchone() or (None, None)
    if first is not None and last is not None:
        sealing.seal_passed_by(first, last)
    number = sum(span.number for span in batch)
    log.append(LOADED, actor=None, details={"requests": number, "since": batch[0].start.isoformat()})
    return number


def invent(batch: Sequence[Span], people: list[int], lines: list[Line], seed: int) -> None:
    """Write the rows of a batch and their counts, and nothing that vouches for them. Call it in a transaction."""
    values = _of_batch(batch, people) | _of_lines(lines) | _of_faults() | _of_texts(seed)
    with connection.cursor() as cursor:
        cursor.execute(statements.QUICKLY)
        cursor.execute("SELECT setseed(%s)", [seed / SEEDS])
        for statement in statements.IN_ORDER:
            cursor.execute(statement, values)


def _of_batch(batch: Sequence[Span], people: list[int]) -> dict[str, Any]:
    return {
        "starts": [span.start for span in batch],
        "numbers": [span.number for span in batch],
        "people": people,
        "models": list(statements.MODELS),
        "may_be_billed": sorted(MAY_BE_BILLED),
    }


def _of_lines(lines: list[Line]) -> dict[str, Any]:
    return {
        "lines": len(lines),
        "types": [line.kind.slug for line in lines],
        "versions": [line.version_id for line in lines],
        "leads": [line.lead for line in lines],
        "purposes": [line.kind.purpose for line in lines],
        "are_json": [line.kind.is_json for line in lines],
    }


def _of_texts(seed: int) -> dict[str, Any]:
    """What is asked and answered: drawn here, and put together with numbers that are no other's there."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    rows = [
        (kind.slug, is_answer, text(sentences, chance))
        for kind in KINDS
        for is_answer, sentences in ((False, kind.asked), (True, kind.answered))
        for _ in range(TEXTS)
    ]
    slugs, are_answers, contents = (list(column) for column in zip(*rows, strict=True))
    return {"texts": TEXTS, "slugs": slugs, "are_answers": are_answers, "contents": contents}


def _of_faults() -> dict[str, Any]:
    faults = [fault for fault in statements.FAULTS for _ in range(fault.weight)]
    return {
        "faults": len(faults),
        "classes": [fault.error_class for fault in faults],
        "attempts": [fault.attempts for fault in faults],
        "milliseconds": [fault.milliseconds for fault in faults],
        "statuses": [fault.http_status for fault in faults],
        "messages": [fault.message for fault in faults],
    }


def seed_of(seed: int, place: int) -> int:
    """Another one for each batch, below `SEEDS`."""
    return (seed * 7919 + place * 104_729) % SEEDS
