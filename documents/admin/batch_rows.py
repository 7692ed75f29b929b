"""The results of a batch as the rows of a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin import batch_looks, looks
from documents.models import Batch
from documents.services.outcomes import ItemOutcome
from documents.services.results import ItemResult, results
from prompts.admin import display

ROWS = 50
#: A cell shows the beginning; the page of the document shows all.
CELL_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of one field; `is_missing` where the schema demands one that did not come."""

    text: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One document: who it is, what became of it, and its fields, or the words that take their place."""

    result: ItemResult
    address: str
    outcome: SafeString
    error: str
    text: str
    cells: list[Cell]
    cost: str | None
    duration: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a batch. `later` is the address of those that follow, None at the end."""

    columns: list[str]
    rows: list[Row]
    later: str | None
    is_first: bool
    beginning: str

    @property
    def width(self) -> int:
        """How many columns there are between the outcome and the cost."""
        return max(1, len(self.columns))


def table(batch: Batch, *, after: int, outcome: str) -> Table:
    """The rows behind position `after`, of one outcome if one is named."""
    found = list(results(batch, after=after, limit=ROWS + 1, outcome=outcome or None))
    columns = field_names(batch, found)
    shown = found[:ROWS]
    later = batch_looks.address(batch.pk, outcome=outcome, after=shown[-1].position) if len(found) > ROWS else None
    beginning = batch_looks.address(batch.pk, outcome=outcome)
    return Table(columns, [_row(batch, result, columns) for result in shown], later, after == 0, beginning)


def field_names(batch: Batch, found: list[ItemResult]) -> list[str]:
    """The fields of the version's schema in their order, then what answers have beside them."""
    schema: dict[str, Any] = batch.version.field_schema or {}
    names = [*schema.get("required", []), *schema.get("properties", {})]
    return list(dict.fromkeys([*names, *(name for result in found for name in result.fields or {})]))


def _row(batch: Batch, result: ItemResult, columns: list[str]) -> Row:
    return Row(
        result=result,
        address=batch_looks.item_address(batch.pk, result.position),
        outcome=batch_looks.outcome(result.outcome),
        error=error_words(result),
        text=_("The text was erased.") if result.texts_erased_at else _cut(result.text),
        cells=[_cell(result, name) for name in columns] if result.fields is not None else [],
        cost=display.money(result.cost),
        duration=display.duration(result.duration_ms),
    )


def _cell(result: ItemResult, name: str) -> Cell:
    return Cell(_cut(shown((result.fields or {}).get(name))), name in result.missing)


def _cut(text: str) -> str:
    return text if len(text) <= CELL_CHARACTERS else f"{text[:CELL_CHARACTERS].rstrip()}…"


def shown(value: Any) -> str:
    """A value as people write it; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def error_words(result: ItemResult) -> str:
    """Why there is no answer; empty where there is one or where one may still come."""
    if result.outcome != ItemOutcome.FAILED:
        return ""
    return str(result.error_message or looks.words(result.error_code))
