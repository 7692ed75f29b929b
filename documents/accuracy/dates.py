"""Dates in the spellings of invoices and receipts: English, Thai and Arabic, of the Christian and the Buddhist era."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from documents.accuracy.texts import plain

MAX_LENGTH = 60
#: The Buddhist era began so many years before the Christian.
BUDDHIST_YEARS = 543
_FIRST_BUDDHIST = 2400
#: Two digits below it are of this century.
_PIVOT = 69
_MONTHS = (
    "january jan มกราคม มค يناير كانون_الثاني",
    "february feb กุมภาพันธ์ กพ فبراير شباط",
    "march mar มีนาคม มีค مارس آذار",
    "april apr เมษายน เมย أبريل ابريل إبريل نيسان",
    "may พฤษภาคม พค مايو أيار",
    "june jun มิถุนายน มิย يونيو يونيه حزيران",
    "july jul กรกฎาคม กค يوليو يوليه تموز",
    "august aug สิงหาคม สค أغسطس اغسطس آب",
    "september sep sept กันยายน กย سبتمبر أيلول",
    "october oct ตุลาคม ตค أكتوبر اكتوبر تشرين_الأول",
    "november nov พฤศจิกายน พย نوفمبر تشرين_الثاني",
    "december dec ธันวาคม ธค ديسمبر كانون_الأول",
)
MONTHS = {
    plain(name.replace("_", " ")): number for number, names in enumerate(_MONTHS, start=1) for name in names.split()
}
_THAI = re.compile("[\u0e00-\u0e7f]")
_CHRISTIAN_ERA = re.compile(r"ค\.?ศ\.?|\ba\.?d\.?$")
_BUDDHIST_ERA = re.compile(r"พ\.?ศ\.?|\bb\.?e\.?$")
_BEFORE = re.compile(r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?|วันที่) *")
_CLOCK = re.compile(
    r"(?:t|,? (?:at )?)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?(?:(a\.?m\.?|p\.?m\.?)|น\.?))?(?:z|[+]00:?00)?$"
)
_NUMBERS = re.compile(r"(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})")
_NUMBERS_YEAR_FIRST = re.compile(r"(\d{4})(?:([./-])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))")
_NAME = r"([^\d/,-]{2,24}?)"
_DAY_NAME_YEAR = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ ./-]*(?:of )?{_NAME}[ ./,-]*(\d{{4}}|\d{{2}})")
_NAME_DAY_YEAR = re.compile(rf"{_NAME}[ ./-]*(\d{{1,2}})(?:st|nd|rd|th)?[ ,./-]+(\d{{4}}|\d{{2}})")
_YEAR_NAME_DAY = re.compile(rf"(\d{{4}})[ ./-]*{_NAME}[ ./-]*(\d{{1,2}})")


def read(text: str, *, month_first: bool = False) -> datetime | None:
    """The moment that a text, as `texts.plain` makes it, is, at midnight without a time; None where it is no date.

    `month_first` says how 03/05/2018 is meant; what can be a date in one order only is read in that.
    """
    if len(text) > MAX_LENGTH:
        return None
    day, clock = _without_clock(_BEFORE.sub("", text))
    is_thai = bool(_THAI.search(text) or _BUDDHIST_ERA.search(day)) and not _CHRISTIAN_ERA.search(day)
    parts = _parts(" ".join(_CHRISTIAN_ERA.sub("", _BUDDHIST_ERA.sub("", day)).split()), month_first=month_first)
    if parts is None or clock is None:
        return None
    year, month, number = parts
    try:
        return datetime(_year(year, is_thai=is_thai), month, number, *clock, tzinfo=UTC)
    except ValueError:
        return None


def month_first(texts: Iterable[str]) -> bool:
    """Whether dates in numbers have the month first: some can't be read otherwise, and none contradicts."""
    orders = set()
    for text in texts:
        if (found := _NUMBERS.match(plain(text[: 4 * MAX_LENGTH]))) and (int(found[1]) > 12) != (int(found[3]) > 12):
            orders.add(int(found[3]) > 12)
    return orders == {True}


def _without_clock(text: str) -> tuple[str, tuple[int, int, int] | None]:
    """The day, and hour, minute and second; None for a time that can't be."""
    found = _CLOCK.search(text)
    if found is None:
        return text, (0, 0, 0)
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if half := found[4]:
        if not 1 <= hour <= 12:
            return text, None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return text[: found.start()].strip(), (hour, minute, second)


def _parts(text: str, *, month_first: bool) -> tuple[str, int, int] | None:
    """Year as it is written, month and day."""
    if found := _NUMBERS.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        swapped = (month_first or second > 12) and first <= 12
        return (found[4], first, second) if swapped else (found[4], second, first)
    if found := _NUMBERS_YEAR_FIRST.fullmatch(text):
        return found[1], int(found[3] or found[5]), int(found[4] or found[6])
    for pattern, year, name, day in ((_DAY_NAME_YEAR, 3, 2, 1), (_NAME_DAY_YEAR, 3, 1, 2), (_YEAR_NAME_DAY, 1, 2, 3)):
        if (found := pattern.fullmatch(text)) and (month := _month(found[name])):
            return found[year], month, int(found[day])
    return None


def _month(name: str) -> int | None:
    return MONTHS.get(name.replace(".", "").strip())


def _year(digits: str, *, is_thai: bool) -> int:
    """Of the Christian era. Two digits beside Thai letters are of the Buddhist era, as people there write them."""
    year = int(digits)
    if len(digits) == 2:
        year += 2500 if is_thai else 2000 if year < _PIVOT else 1900
    return year - BUDDHIST_YEARS if year >= _FIRST_BUDDHIST else year
