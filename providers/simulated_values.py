"""Single values that a field's name and type make likely, found in a text by plain patterns. Pure.

All patterns are linear, and only the text's beginning is looked at.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

Schema = Mapping[str, Any]

MOST_CHARACTERS = 20_000
LONGEST_TEXT = 500
_DATE_NAME = re.compile(r"date|datum|day\b|วัน|تاريخ", re.IGNORECASE)
_AMOUNT_NAME = re.compile(r"total|amount|price|cost|sum\b|net|gross|tax|ยอด|ราคา|مبلغ|مجموع", re.IGNORECASE)
_CODE_NAME = re.compile(r"number|\bno\b|code|(?<![a-z])id\b|reference", re.IGNORECASE)
_KIND_NAME = re.compile(r"category|discipline|kind|type|class", re.IGNORECASE)
_LONG_NAME = re.compile(r"summary|description|abstract|content|notes?\b", re.IGNORECASE)
_ADDRESS_NAME = re.compile(r"address|location|ที่อยู่|عنوان", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\b([12]\d{3})[-/.]([01]?\d)[-/.]([0-3]?\d)\b")
_DAY_FIRST = re.compile(r"\b([0-3]?\d)[-/.]([01]?\d)[-/.]([12]\d{3}|\d{2})\b")
_NAMED_MONTH = re.compile(r"\b([0-3]?\d)[ -]?([A-Za-z]{3})[a-z]{0,6}[ ,-]{1,2}([12]\d{3})\b")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_AMOUNT = re.compile(r"\b\d{1,9}(?:,\d{3})*\.\d{2}\b")
_CODE = re.compile(r"\b(?=[A-Z0-9/-]{0,30}\d)[A-Z0-9][A-Z0-9/-]{4,30}\b")
_WORD = re.compile(r"[^\W\d_]{4,30}")
_BUDDHIST_YEARS = 543


def text(schema: Schema, name: str, source: str) -> str | None:
    """A text for this field, as long as the schema lets it be; None where nothing likely stands in the source."""
    source = source[:MOST_CHARACTERS]
    if is_date(schema, name):
        return first_date(source)
    if "pattern" in schema:
        return None
    found = _likely(name, source)
    longest = min(schema.get("maxLength", LONGEST_TEXT), LONGEST_TEXT)
    return found[: int(longest)] if found and len(found) >= schema.get("minLength", 0) else None


def is_date(schema: Schema, name: str) -> bool:
    """Whether the field wants a date as YYYY-MM-DD."""
    wants_other = "pattern" in schema and "4}-" not in schema["pattern"]
    return schema.get("format") == "date" or (bool(_DATE_NAME.search(name)) and not wants_other)


def first_date(source: str) -> str | None:
    """The first date that is one, as YYYY-MM-DD; Buddhist years are converted."""
    return next((found.isoformat() for found in _dates(source)), None)


def number(schema: Schema, name: str, source: str) -> float:
    """An amount of the source where the name asks for one, else a fraction of the schema's range."""
    amounts = _amounts(source[:MOST_CHARACTERS]) if _AMOUNT_NAME.search(name) else []
    low, high = _bounds(schema)
    fitting = [amount for amount in amounts if low <= amount <= high]
    return max(fitting) if fitting else round(low + (high - low) * (0.5 + _share(name, source) / 2), 2)


def integer(schema: Schema, name: str, source: str) -> int:
    """The same without a fraction."""
    low, high = _bounds(schema)
    found = round(number(schema, name, source))
    return min(max(found, math.ceil(low)), math.floor(high))


def words(source: str) -> list[str]:
    """The first words of some length, each once."""
    return list(dict.fromkeys(_WORD.findall(source[:MOST_CHARACTERS])))


def _likely(name: str, source: str) -> str | None:
    lines = [line.strip() for line in source.splitlines() if _WORD.search(line)]
    if _AMOUNT_NAME.search(name):
        amounts = _AMOUNT.findall(source)
        return max(amounts, key=_value) if amounts else None
    if _CODE_NAME.search(_spaced(name)):
        return max(
            _CODE.findall(source), key=lambda code: (not code.isdigit() and code.isalnum(), len(code)), default=None
        )
    if _KIND_NAME.search(name):
        return next(iter(words(source)), None)
    if _ADDRESS_NAME.search(name):
        return ", ".join(lines[1:3]) or None
    if _LONG_NAME.search(name):
        return " ".join(lines[:3]) or None
    return lines[0] if lines else None


def _spaced(name: str) -> str:
    """`documentNumber` and `document_no` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)


def _dates(source: str) -> Iterator[date]:
    readings = [(found.start(), *found.groups()) for found in _YEAR_FIRST.finditer(source)]
    readings += [(found.start(), *reversed(found.groups())) for found in _DAY_FIRST.finditer(source)]
    readings += [
        (found.start(), found[3], _MONTHS.get(found[2].lower(), 0), found[1]) for found in _NAMED_MONTH.finditer(source)
    ]
    for _start, year, month, day in sorted(readings, key=lambda reading: reading[0]):
        try:
            yield date(_year(int(year)), int(month), int(day))
        except ValueError:
            continue


def _year(year: int) -> int:
    if year < 100:
        return 2000 + year
    return year - _BUDDHIST_YEARS if year > 2400 else year


def _amounts(source: str) -> list[float]:
    return [_value(amount) for amount in _AMOUNT.findall(source)]


def _value(amount: str) -> float:
    return float(amount.replace(",", ""))


def _bounds(schema: Schema) -> tuple[float, float]:
    """What the schema allows; where it says nothing, from 0 to a million."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = 0 if high is None or high > 0 else high - 1
    if high is None:
        high = max(1_000_000, low + 1)
    return low, high


def _share(name: str, source: str) -> float:
    """From 0 to below 1, the same for the same name and text."""
    digest = hashlib.sha256(f"{name}\n{source}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:4]) / 2**32
