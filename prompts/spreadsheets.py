"""Lines of files for other programs: CSV that spreadsheets take as it is meant, and JSON Lines. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any

#: Without it Excel takes UTF-8 for the local code page, and spoils what is not English.
BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the beginning of a formula, their full-width forms and invisible signs before it included.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?", re.ASCII)
# Readers of lines may take them for ends of lines.
_LINE_BREAKS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def csv_line(cells: Iterable[Any]) -> str:
    """A row (RFC 4180); None is an empty cell, what is no text becomes JSON, and no cell begins as a formula does."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_cell(value) for value in cells])
    return buffer.getvalue()


def json_line(value: Any) -> str:
    """A value of JSON in a line of its own."""
    return json.dumps(value, ensure_ascii=False).translate(_LINE_BREAKS) + "\n"


def _cell(value: Any) -> str:
    """A value as a spreadsheet shall show it: an apostrophe keeps it from taking a text for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return _safe(json.dumps(value, ensure_ascii=False))
    return _safe(str(value))


def _safe(text: str) -> str:
    if not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"
