"""Finding requests by words of their text, purpose or answer, in bounded time however many requests hold them.

PostgreSQL has an index of the words of texts and one of those of answers. Rare words are found in all of history. Of
words that very many requests hold, the newest requests are searched, part by part. Words of scripts that don't
separate them (Thai), or that grow together with others (Arabic), are looked for letter by letter as well, in the
newest requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from psycopg.errors import QueryCanceled

from prompts.models import PromptRequest, PromptResponse
from prompts.querysets import PromptRequestQuerySet, answer_vector, words_query

#: Requests that hold the words in their texts, or in their answers, up to which all of history is searched.
MOST_FOUND = 2_000
#: Of words that more requests hold: how many of the newest are searched, and the next number where less than `ENOUGH`
#: were found in them. What the words are in nearly always costs most, and is found at once. The ids of what was found
#: go to PostgreSQL again, so the second part is no larger than it takes: of 20,000 all may hold the words.
PARTS = (300, 2_000, 20_000, 200_000)
ENOUGH = 500
#: A part of a search that goes on to the end of history.
PART = 20_000
#: The same for what no index helps with: only words that must not be there.
UNINDEXED_PART = 2_000
#: Requests whose texts are looked through letter by letter.
LOOKED_THROUGH = 2_000
#: Seconds for all that may take long: how many rows words are in, and where, is known only afterwards.
PATIENCE = 0.06
#: A bitmap of a million rows must fit, or PostgreSQL splits every text that it finds into words again; a plan that
#: reads the table does so with every row.
_SETTINGS = "SELECT set_config('work_mem', '64MB', true), set_config('enable_seqscan', 'off', true)"
_NEEDS_INDEX = "SELECT querytree(websearch_to_tsquery('simple', %s))"
_UNSPACED = re.compile(r"[\u0e00-\u0e7f]+|[\u0600-\u06ff\u0750-\u077f]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Requests that hold the words. `since`: earlier ones were not searched; None where all were.

    `letters_since` is the same for the look letter by letter, where there was one.
    """

    ids: list[UUID]
    since: datetime | None = None
    letters_since: datetime | None = None

    def among(self, rows: PromptRequestQuerySet) -> PromptRequestQuerySet:
        """Those of `rows` that were found."""
        return rows.filter(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [self.ids]))


def find(rows: PromptRequestQuerySet, words: str) -> Found:
    """The requests among `rows` that hold `words`: all of them, or those of the newest part."""
    end = monotonic() + PATIENCE
    with transaction.atomic():
        found = _by(end, partial(_everywhere, words)) or _newest(rows, words, end)
        return _with_letters(rows, words, found)


def find_all(rows: PromptRequestQuerySet, words: str) -> Iterator[list[UUID]]:
    """The same to the end of history, part by part, newest first; within a part in no order."""
    with transaction.atomic():
        found = None if _letters(words) else _everywhere(words)
    before = None
    while found is None or found.since:
        if found:
            yield found.ids
            before = found.since
        with transaction.atomic():
            part = _in_part(rows, words, PART if _is_indexed(words) else UNINDEXED_PART, before)
            found = Found([*{*part.ids, *_by_letters(rows, words, part.since, before)}], part.since)
    yield found.ids


def _newest(rows: PromptRequestQuerySet, words: str, end: float) -> Found:
    """What the newest of the rows hold: of as many as it takes to find enough, or as there is time for."""
    found = _in_part(rows, words, PARTS[0], None)
    for size in PARTS[1:]:
        if len(found.ids) >= ENOUGH or found.since is None or not _is_indexed(words):
            break
        more = _by(end, partial(_in_part, rows, words, size, None))
        if more is None:
            break
        found = more
    return found


def _by(end: float, search: Callable[[], Found | None]) -> Found | None:
    """What a search finds until then, by the clock of `monotonic`; None where it takes longer."""
    left = int((end - monotonic()) * 1000)
    if left <= 0:
        return None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(left)])
            found = search()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            return found
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise


def _everywhere(words: str) -> Found | None:
    """All that hold the words, whosever they are; None where these are too many, or no index tells."""
    if not _is_indexed(words):
        return None
    _prepare()
    query = words_query(words)
    asked = PromptRequest.objects.asking(words).order_by().values_list("pk", flat=True)
    answers = PromptResponse.objects.alias(words=answer_vector()).filter(words=query).order_by()
    answered = answers.values_list("prompt_id", flat=True)
    found: set[UUID] = set()
    for ids in (asked, answered):
        some = list(ids[: MOST_FOUND + 1])
        if len(some) > MOST_FOUND:
            return None
        found.update(some)
    return Found([*found])


def _is_indexed(words: str) -> bool:
    """Whether the index helps to find them: it doesn't with words that must not be there alone."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS_INDEX, [words])
        (tree,) = cursor.fetchone() or ("",)
    return bool(tree != "T")


def _in_part(rows: PromptRequestQuerySet, words: str, size: int, before: datetime | None) -> Found:
    """What the newest `size` requests before a time hold."""
    _prepare()
    rows = rows.filter(created_at__lt=before) if before else rows
    since = _since(rows, size)
    asked, answered = rows.asking(words), rows.answered_with(words)
    if since:
        asked = asked.filter(created_at__gte=since)
        # An answer is never older than its request: that leads into the index of answers by time.
        answered = answered.filter(created_at__gte=since, response__created_at__gte=since)
    ids = {pk for part in (asked, answered) for pk in part.order_by().values_list("pk", flat=True)}
    return Found([*ids], since)


def _since(rows: PromptRequestQuerySet, size: int) -> datetime | None:
    """The time of the `size`th of the rows, newest first; None where they are fewer."""
    times = rows.order_by("-created_at", "-pk").values_list("created_at", flat=True)
    return next(iter(times[size : size + 1]), None)


def _with_letters(rows: PromptRequestQuerySet, words: str, found: Found) -> Found:
    if not _letters(words):
        return found
    since = _since(rows, LOOKED_THROUGH)
    return Found([*{*found.ids, *_by_letters(rows, words, since, None)}], found.since, since)


def _by_letters(
    rows: PromptRequestQuerySet, words: str, since: datetime | None, before: datetime | None
) -> Iterator[UUID]:
    """The requests between two times whose text or answer holds the letters, wherever a word begins."""
    parts = _letters(words)
    if not parts:
        return
    limits: dict[str, Any] = {"created_at__gte": since, "created_at__lt": before}
    rows = rows.filter(**{name: time for name, time in limits.items() if time})
    asked = Q(*(Q(prompt_text__contains=part) | Q(purpose__contains=part) for part in parts))
    answered = Q(*(Q(response__response_text__contains=part) for part in parts))
    yield from rows.filter(asked | answered).order_by().values_list("pk", flat=True)


def _letters(words: str) -> list[str]:
    """The words where all are of scripts in which the index of words may miss them; else none."""
    parts = words.split()
    return parts if all(_UNSPACED.fullmatch(part) for part in parts) else []


def _prepare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
