"""Requests as files, with their answers and hashes: CSV for tables, JSON Lines for scripts, of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit import log
from audit.log import Actor
from prompts.models import PromptRequest
from prompts.querysets import PromptRequestQuerySet
from prompts.services import searching
from prompts.spreadsheets import BYTE_ORDER_MARK, csv_line, json_line

EXPORTED = "prompt_requests.exported"
#: Ids that are read at a time. No transaction is open in between: whoever reads slowly holds up nobody.
IDS_AT_A_TIME = 1_000
#: Whole requests that are in memory at a time: texts and answers may have 1 MB each.
ROWS_AT_A_TIME = 50
_OF_REQUEST = (
    "id", "created_at", "started_at", "finished_at", "user", "prompt_type", "version", "template_sha256", "model",
    "purpose", "status", "is_sandbox", "simulated", "attempts", "error_class", "error_message", "replay_of",
    "parameters", "metadata", "variables", "texts_erased_at", "prompt", "prompt_sha256",
)  # fmt: skip
_OF_RESPONSE = (
    "answer", "answer_sha256", "answered_at", "provider", "reported_model", "finish_reason", "duration_ms",
    "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "cost", "provider_request_id",
)  # fmt: skip
COLUMNS = (*_OF_REQUEST, *_OF_RESPONSE)
_UNREAD = ("version__template", "version__field_schema", "version__parameters", "version__test_result_json")


@transaction.atomic
def export(
    rows: PromptRequestQuerySet, *, actor: Actor, form: str, words: str = "", filters: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The lines of a file of `rows` that hold `words`, newest first; `form` is "csv" or "jsonl".

    `filters` is what the audit entry says about which rows these are. They are read while the file is sent, in parts:
    the memory that it takes doesn't depend on their number. No cell of the CSV begins as a formula does.
    """
    details = {"format": form, "words": words, "filters": dict(filters or {})}
    log.append(EXPORTED, actor=actor, details=details)
    return _csv(rows, words) if form == "csv" else _json_lines(rows, words)


def rows_of(rows: PromptRequestQuerySet) -> Iterator[dict[str, Any]]:
    """All `rows` as plain JSON, newest first, as `export` writes them."""
    return _values(rows, "")


def _csv(rows: PromptRequestQuerySet, words: str) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(COLUMNS)
    for values in _values(rows, words):
        yield csv_line(values[name] for name in COLUMNS)


def _json_lines(rows: PromptRequestQuerySet, words: str) -> Iterator[str]:
    return map(json_line, _values(rows, words))


def _values(rows: PromptRequestQuerySet, words: str) -> Iterator[dict[str, Any]]:
    parts = searching.find_all(rows, words) if words.strip() else None
    found = (searching.Found(ids).among(rows) for ids in parts) if parts is not None else iter([rows])
    ids = chain.from_iterable(map(_ids, found))
    while some := list(islice(ids, ROWS_AT_A_TIME)):
        read = PromptRequest.objects.select_related("user", "version", "response").defer(*_UNREAD).in_bulk(some)
        yield from (_as_dict(read[pk]) for pk in some if pk in read)


def _ids(rows: PromptRequestQuerySet) -> Iterator[UUID]:
    """The ids of the rows, newest first, each page from where the one before has ended."""
    rows = rows.order_by("-created_at", "-pk")
    page = list(rows.values_list("created_at", "pk")[:IDS_AT_A_TIME])
    while page:
        yield from (pk for _time, pk in page)
        time, last = page[-1]
        older = rows.filter(Q(created_at__lte=time) & (Q(created_at__lt=time) | Q(pk__lt=last)))
        page = list(older.values_list("created_at", "pk")[:IDS_AT_A_TIME])


def _as_dict(request: PromptRequest) -> dict[str, Any]:
    """A request and its answer as plain JSON; what there is not is null."""
    return _request_values(request) | _response_values(request)


def _request_values(request: PromptRequest) -> dict[str, Any]:
    version = request.version
    values = (
        str(request.pk), _time(request.created_at), _time(request.started_at), _time(request.finished_at),
        request.user.get_username(), request.prompt_type_id, version and version.version_number,
        version and version.template_sha256, request.model, request.purpose, request.status, request.is_sandbox,
        request.simulated, request.attempt_count, request.error_class, request.error_message,
        request.replay_of_id and str(request.replay_of_id), request.parameters, request.metadata, request.variables,
        _time(request.texts_erased_at), *_text(request, request.prompt_text),
    )  # fmt: skip
    return dict(zip(_OF_REQUEST, values, strict=True))


def _response_values(request: PromptRequest) -> dict[str, Any]:
    response = getattr(request, "response", None)
    if response is None:
        return dict.fromkeys(_OF_RESPONSE)
    values = (
        *_text(request, response.response_text), _time(response.created_at), response.provider,
        response.model, response.finish_reason, response.duration_ms, response.input_tokens, response.cached_tokens,
        response.output_tokens, response.reasoning_tokens, None if response.cost is None else f"{response.cost:f}",
        response.provider_request_id,
    )  # fmt: skip
    return dict(zip(_OF_RESPONSE, values, strict=True))


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _text(request: PromptRequest, text: str) -> tuple[str | None, str | None]:
    """A text with its hash, each null where it was erased."""
    return (text, _sha256(text)) if request.texts_erased_at is None else (None, None)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
