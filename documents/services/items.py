"""What came of each document of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, F, OuterRef, QuerySet, Subquery

from documents.models import Batch, BatchItem, DocumentPage
from documents.reading import REASONS
from documents.services.outcomes import outcome
from prompts.answers import parse_object
from prompts.field_schemas import FieldProblem, check_answer

#: Rows that are held in memory at a time, each with its answer.
PAGE = 200


@dataclass(frozen=True, slots=True)
class ItemResult:
    """A document, how far it is, and the fields that its answer holds.

    `fields` is None where no answer holds a JSON object; then `text` is the answer as it came. `missing` names the
    fields of the version's schema that the answer has no value for, `problems` says what else is wrong with it.
    Of an erased answer there is none of it, and `texts_erased_at` says since when.
    `confidence` is the pages' mean in percent, None without recognised text. `cost` is in US dollars.
    """

    position: int
    name: str
    document_id: UUID
    outcome: str
    request_id: UUID | None = None
    fields: dict[str, Any] | None = None
    text: str = ""
    missing: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    error_code: str = ""
    error_message: str = ""
    page_count: int | None = None
    confidence: int | None = None
    duration_ms: int | None = None
    cost: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    finish_reason: str = ""
    sha256: str = ""
    texts_erased_at: datetime | None = None


def results(batch: Batch, *, after: int = 0, limit: int = 100, outcome: str | None = None) -> list[ItemResult]:
    """Up to `limit` documents behind position `after`, in one query; with `outcome`, an ItemOutcome, only those."""
    rows = _rows(batch).filter(position__gt=after)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    return _shown(batch, rows.order_by("position")[:limit])


def answers_at(batch: Batch, positions: list[int]) -> list[ItemResult]:
    """Those documents, in order, with their fields as they came.

    Nothing says what is missing or does not fit the schema: to find out takes most of the time that a result costs.
    """
    rows = _items(batch).values(*_AS_THEY_ARE, **_OF_ANSWERS, outcome=outcome())
    return [_result(row, None) for row in rows.filter(position__in=positions).order_by("position")]


def answers(batch: Batch) -> Iterator[ItemResult]:
    """The same of all documents, read a page at a time."""
    positions = list(batch.items.order_by("position").values_list("position", flat=True))
    for start in range(0, len(positions), PAGE):
        yield from answers_at(batch, positions[start : start + PAGE])


def iterate(batch: Batch) -> Iterator[ItemResult]:
    """All documents in order, read a page at a time: memory is bounded, and no transaction stays open meanwhile."""
    after = 0
    while page := results(batch, after=after, limit=PAGE):
        yield from page
        after = page[-1].position


def field_names(batch: Batch) -> list[str]:
    """The fields of the version's schema: those that it demands, in its order, then the others."""
    schema = batch.version.field_schema or {}
    return list(dict.fromkeys([*schema.get("required", ()), *schema.get("properties", {})]))


#: What is read of an item, by the name that it has in ItemResult.
_OF_ANSWERS = {
    "name": F("document__name"),
    "request_error": F("request__error_class"),
    "request_message": F("request__error_message"),
    "answer": F("request__response__response_text"),
    "texts_erased_at": F("request__texts_erased_at"),
}
_COLUMNS = {
    **_OF_ANSWERS,
    "page_count": F("document__file__page_count"),
    "sha256": F("document__file__sha256"),
    **{
        name: F(f"request__response__{name}")
        for name in ("duration_ms", "cost", "input_tokens", "output_tokens", "finish_reason")
    },
}
_AS_THEY_ARE = ("position", "document_id", "request_id", "error_code", "error_message")


def _rows(batch: Batch) -> Any:
    pages = DocumentPage.objects.filter(file=OuterRef("document__file")).order_by().values("file")
    confidence = Subquery(pages.annotate(mean=Avg("confidence")).values("mean"))
    return _items(batch).values(*_AS_THEY_ARE, **_COLUMNS, confidence=confidence, outcome=outcome())


def _items(batch: Batch) -> QuerySet[BatchItem]:
    return BatchItem.objects.filter(batch=batch)


def _shown(batch: Batch, rows: Iterable[dict[str, Any]]) -> list[ItemResult]:
    schema = batch.version.field_schema
    return [_result(row, schema) for row in rows]


def _result(row: dict[str, Any], schema: dict[str, Any] | None) -> ItemResult:
    request_error, request_message = row.pop("request_error"), row.pop("request_message")
    row["error_code"] = row["error_code"] or request_error or ""
    row["error_message"] = row["error_message"] or request_message or str(REASONS.get(row["error_code"], ""))
    if "confidence" in row:
        row["finish_reason"] = row["finish_reason"] or ""
        row["confidence"] = None if row["confidence"] is None else round(row["confidence"])
    answer = row.pop("answer")
    if row["texts_erased_at"] is not None:
        answer = None
    return ItemResult(**row, **_answered(answer, schema))


def _answered(answer: str | None, schema: dict[str, Any] | None) -> dict[str, Any]:
    """The fields of an answer, and how far they are what the schema demands."""
    if answer is None:
        return {}
    fields = parse_object(answer)
    found: dict[str, Any] = {"fields": fields, "text": answer if fields is None else ""}
    if schema is None:
        return found
    check = check_answer(schema, fields or {})
    return found | {"missing": tuple(check.missing), "problems": tuple(check.problems) if fields is not None else ()}
