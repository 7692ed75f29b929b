"""The results of a batch, one by one and as files for other programs: CSV for tables, JSON Lines for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents.models import Batch
from documents.services.items import ItemResult, field_names, iterate, results
from prompts.spreadsheets import BYTE_ORDER_MARK, csv_line, json_line

__all__ = ["ItemResult", "as_dict", "csv_lines", "iterate", "json_lines", "results"]

#: Fields that no schema tells of get columns of their own up to this many.
MOST_FIELD_COLUMNS = 200
BEFORE = ("position", "document", "outcome")
AFTER = (
    "other_fields", "answer", "missing", "problems", "error", "error_message", "pages", "ocr_confidence", "duration_ms",
    "cost", "input_tokens", "output_tokens", "finish_reason", "prompt_type", "version", "model", "request_id",
    "document_id", "sha256", "texts_erased_at",
)  # fmt: skip
FIXED = {*BEFORE, *AFTER}


def csv_lines(batch: Batch) -> Iterator[str]:
    """The results as CSV (RFC 4180, UTF-8 with a byte order mark), a row at a time; the first names the columns.

    A column each for the fields of the version's schema or, without one, for those that the answers have; what else
    an answer has stands in `other_fields` as JSON. No cell begins as a formula does.
    """
    fields = _field_columns(batch)
    heads = [f"field:{name}" if name in FIXED else name for name in fields]
    yield BYTE_ORDER_MARK + csv_line([*BEFORE, *heads, *AFTER])
    for result in iterate(batch):
        yield csv_line(_cells(batch, result, fields))


def json_lines(batch: Batch) -> Iterator[str]:
    """The results as JSON Lines: an object a line, with the names of the API."""
    for result in iterate(batch):
        yield json_line(as_dict(batch, result))


def as_dict(batch: Batch, result: ItemResult) -> dict[str, Any]:
    """A result as plain JSON."""
    error = {"code": result.error_code, "message": result.error_message} if result.error_code else None
    return {
        "position": result.position,
        "document": result.name,
        "documentId": str(result.document_id),
        "sha256": result.sha256,
        "outcome": result.outcome,
        "fields": result.fields,
        "text": result.text,
        "missing": list(result.missing),
        "problems": [{"field": problem.field, "message": problem.message} for problem in result.problems],
        "error": error,
        "pageCount": result.page_count,
        "confidence": result.confidence,
        "durationMs": result.duration_ms,
        "cost": None if result.cost is None else str(result.cost),
        "inputTokens": result.input_tokens,
        "outputTokens": result.output_tokens,
        "finishReason": result.finish_reason,
        "textsErasedAt": result.texts_erased_at.isoformat() if result.texts_erased_at else None,
        "requestId": str(result.request_id) if result.request_id else None,
        "promptType": batch.prompt_type_id,
        "versionNumber": batch.version.version_number,
        "model": batch.model,
    }


def _field_columns(batch: Batch) -> list[str]:
    if known := field_names(batch):
        return known
    names: dict[str, None] = {}
    for result in iterate(batch):
        names |= dict.fromkeys(result.fields or ())
        if len(names) >= MOST_FIELD_COLUMNS:
            break
    return list(names)[:MOST_FIELD_COLUMNS]


def _cells(batch: Batch, result: ItemResult, fields: list[str]) -> Iterator[Any]:
    given = result.fields or {}
    yield from (result.position, result.name, result.outcome)
    yield from (given.get(name) for name in fields)
    yield {name: value for name, value in given.items() if name not in fields} or None
    problems = (f"{problem.field}: {problem.message}" for problem in result.problems)
    yield from (result.text, "; ".join(result.missing), "; ".join(problems))
    yield from (result.error_code, result.error_message, result.page_count, result.confidence, result.duration_ms)
    yield from (result.cost, result.input_tokens, result.output_tokens, result.finish_reason)
    yield from (batch.prompt_type_id, batch.version.version_number, batch.model)
    yield from (result.request_id, result.document_id, result.sha256)
    yield result.texts_erased_at.isoformat() if result.texts_erased_at else None
