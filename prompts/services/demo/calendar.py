"""When the invented requests came: by day, by night, and fewer at weekends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)
#: How busy each hour of a working day is, in UTC: an office in Bangkok, and one in Muscat three hours behind.
HOURS_OF_DAY = (4, 7, 10, 12, 13, 12, 13, 14, 14, 13, 11, 9, 7, 5, 4, 3, 2, 2, 1, 1, 1, 1, 2, 3)
WEEKEND = (5, 6)
WEEKEND_SHARE = 0.3
#: The first day beside the last one: the installation is used more and more.
FIRST_SHARE = 0.5


class Span(NamedTuple):
    """An hour from `start` on, and how many requests came in it."""

    start: datetime
    number: int


def spans(requests: int, *, days: int, until: datetime) -> Iterator[Span]:
    """The hours of so many days up to `until`, in order, with exactly so many requests in all."""
    starts = [until - HOUR * (days * 24 - place) for place in range(days * 24)]
    weights = [_weight(start, place / len(starts)) for place, start in enumerate(starts)]
    whole, passed, given = sum(weights), 0.0, 0
    for start, weight in zip(starts, weights, strict=True):
        passed += weight
        due = round(requests * passed / whole)
        yield Span(start, due - given)
        given = due


def batches(hours: Iterator[Span], size: int) -> Iterator[list[Span]]:
    """The hours in groups of about `size` requests, none of more; an hour that holds more is in several."""
    batch: list[Span] = []
    room = size
    for start, number in hours:
        while number > room:
            yield [*batch, Span(start, room)]
            number, batch, room = number - room, [], size
        batch.append(Span(start, number))
        room -= number
    if any(number for _start, number in batch):
        yield batch


def _weight(start: datetime, share_passed: float) -> float:
    busy = HOURS_OF_DAY[start.hour] * (WEEKEND_SHARE if start.weekday() in WEEKEND else 1.0)
    return busy * (FIRST_SHARE + (1 - FIRST_SHARE) * share_passed)
