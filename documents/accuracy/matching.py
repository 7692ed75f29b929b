"""Whether two plain JSON values are the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from documents.accuracy import dates, numbers, texts

#: Longer texts are the same to the letter or not at all: no label is so long, and an answer may be without end.
MAX_LENGTH = 100_000


def matches_exactly(expected: Any, given: Any) -> bool:
    """Whether `given` is `expected`, to the letter; a number is also the text that it is written as.

    What is missing is None. A list or an object is never what was expected.
    """
    if not (_is_plain(expected) and _is_plain(given)):
        return False
    if _is_number(expected) and _is_number(given):
        return bool(expected == given)
    if expected is None or given is None:
        return expected is given
    return written(expected) == written(given)


def matches(expected: Any, given: Any, *, month_first: bool = False) -> bool:
    """Whether `given` says the same as `expected`: the same date, the same amount, or the same words.

    Nothing is the same as an empty text. What is a date or an amount is not the same as a text that only looks alike
    without its punctuation. `month_first`: how dates in numbers are meant.
    """
    if matches_exactly(expected, given):
        return True
    if not (_is_plain(expected) and _is_plain(given)):
        return False
    one, other = written(expected), written(given)
    if max(len(one), len(other)) > MAX_LENGTH:
        return False
    one, other = texts.plain(one), texts.plain(other)
    return one == other or _say_the_same(one, other, month_first=month_first)


def _say_the_same(one: str, other: str, *, month_first: bool) -> bool:
    days = [dates.read(text, month_first=month_first) for text in (one, other)]
    if None not in days:
        return days[0] == days[1]
    first, second = numbers.read(one), numbers.read(other)
    if first and second:
        return first.is_same_as(second)
    if first or second or any(days):
        return False
    return texts.bare(one) == texts.bare(other)


def written(value: Any) -> str:
    """A plain value as a text: a number without an exponent, nothing for None."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return {None: "", True: "true", False: "false"}[value] if _is_word(value) else str(value)


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))
