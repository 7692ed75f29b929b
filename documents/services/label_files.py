"""Reading the file that says which fields are expected in which document: CSV, JSON or JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput
from prompts.services.inputs import is_storable

MAX_BYTES = 32 * 1024 * 1024
#: What the column, or the member, may be called that names the document.
FILE_NAMES = ("file", "filename", "file_name", "document")
DELIMITERS = ",;\t"
FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a document's file, and its expected fields."""

    file: str
    fields: dict[str, Any]


def parse(data: bytes) -> list[Label]:
    """The labels in a file, in its order; at least one.

    CSV has a column that names the file, and one for each field; an empty cell says nothing. JSON is a list of
    `{"file": …, "fields": {…}}`, or has one such object a line; null says that the document has no such value.
    Raises InvalidInput on `labels` with the place of what can't be used, and for more than a set holds.
    """
    if len(data) > MAX_BYTES:
        _refuse(_("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 2**20})
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        _refuse(_("The file is no text in UTF-8."))
    if not text:
        _refuse(_("The file is empty."))
    limit = settings.BATCH_MAX_DOCUMENTS
    labels = list(islice(_json(text) if text.startswith(("{", "[")) else _csv(text), limit + 1))
    if not labels:
        _refuse(_("The file names no document."))
    if len(labels) > limit:
        _refuse(_("A set has 1 to %(limit)d documents.") % {"limit": limit})
    return labels


def _csv(text: str) -> Iterator[Label]:
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        file_column = _file_column(names)
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _labelled(row, names, file_column, rows.line_num)
    except csv.Error as error:
        _refuse(_("Line %(line)d: %(problem)s") % {"line": rows.line_num, "problem": error})


def _file_column(names: list[str]) -> int:
    found = [column for column, name in enumerate(names) if name.casefold() in FILE_NAMES]
    if len(found) != 1:
        _refuse(_("The first line must name the columns, one of them “file”."))
    if "" in names or len(set(names)) < len(names):
        _refuse(_("Each column needs a name of its own."))
    return found[0]


def _labelled(row: list[str], names: list[str], file_column: int, line: int) -> Label:
    if len(row) > len(names) or len(row) <= file_column:
        _refuse(_("Line %(line)d has not as many values as the first line has names.") % {"line": line})
    if not is_storable(row[file_column]):
        _refuse(_("Line %(line)d: %(problem)s") % {"line": line, "problem": _("It holds a NUL character.")})
    fields = {name: cell for name, cell in zip(names, row, strict=False) if cell.strip()}
    return Label(fields.pop(names[file_column], "").strip(), fields)


def _json(text: str) -> Iterator[Label]:
    for number, item in enumerate(_items(text), start=1):
        names = set(item) if isinstance(item, dict) else set()
        file = [name for name in names if name in FILE_NAMES]
        if len(file) != 1 or names != {*file, FIELDS}:
            _refuse(_("Entry %(number)d is not of the form {“file”: …, “fields”: {…}}.") % {"number": number})
        if not isinstance(item[FIELDS], dict) or not _is_name(item[file[0]]):
            _refuse(_("Entry %(number)d is not of the form {“file”: …, “fields”: {…}}.") % {"number": number})
        yield Label(item[file[0]].strip(), item[FIELDS])


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and is_storable(value)


def _items(text: str) -> list[Any]:
    """Of a list, its items; else one object a line, or a single object over several lines."""
    if text.startswith("["):
        return list(_loaded(text, 1))
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    try:
        return [_loaded(line, number) for number, line in lines]
    except InvalidInput:
        if lines[0][1].rstrip().endswith("}"):
            raise
        return [_loaded(text, 1)]


def _loaded(text: str, line: int) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = {"line": line + error.lineno - 1, "problem": f"{error.msg} (column {error.colno})"}
        _refuse(_("Line %(line)d: %(problem)s") % place)
    except (ValueError, RecursionError) as error:
        _refuse(_("Line %(line)d: %(problem)s") % {"line": line, "problem": str(error)[:200]})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name appears twice in an object")
    return made


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"{literal[:40]} is too large")
    return number


def _refuse(problem: str) -> NoReturn:
    raise InvalidInput.on("labels", problem)
