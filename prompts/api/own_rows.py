"""Reading one's own requests on the shortest way (docs/decisions/0021-hot-path-of-reading.md)."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from rest_framework.pagination import Cursor

from prompts.api import plain, reading, showing
from prompts.api.bearer import let_in
from prompts.api.pagination import NewestFirst
from prompts.api.rendering import OrjsonRenderer
from prompts.prepared import Shape
from prompts.services import admission
from prompts.services.admission import Caller

ANSWER = (
    *("id", "response_text", "created_at", "duration_ms", "provider", "model", "finish_reason", "input_tokens"),
    *("cached_tokens", "output_tokens", "reasoning_tokens", "cost", "provider_request_id", "simulated"),
)
TEXTS = ("prompt_text", "awaits_text", "variables")
DETAIL = (*reading.FACTS, *TEXTS, *(f"response__{name}" for name in ANSWER), "attempt_rows")
NOBODY, NOTHING = -1, UUID(int=0)


def show_quickly(request: HttpRequest, request_id: str) -> HttpResponse | None:
    """A request of the caller's own; None leaves it to the framework, as what is not theirs or not there."""
    caller = _caller(request)
    rows = _detail().fetch(UUID(request_id), caller.pk) if caller else []
    return _respond(showing.whole_row(rows[0], caller.username), "GET") if caller and rows else None


def list_quickly(request: HttpRequest) -> HttpResponse | None:
    """The first page of the caller's own requests; None leaves it to the framework."""
    caller = _caller(request)
    if caller is None:
        return None
    rows = _page().fetch(caller.pk)
    page = [showing.short_row(row, caller.username) for row in rows[: NewestFirst.page_size]]
    link = _next_link(request, rows) if len(rows) > len(page) else None
    return _respond({"next": link, "previous": None, "results": page}, "GET, POST")


def _caller(request: HttpRequest) -> Caller | None:
    headers = request.META
    if request.method != "GET" or not plain.asks_plainly(headers):
        return None
    return let_in(headers.get("HTTP_AUTHORIZATION", ""), admission.caller, admission.caller_with)


def _next_link(request: HttpRequest, rows: list[Any]) -> str | None:
    """As the paginator of the framework makes it of one row more than the page holds."""
    paginator = NewestFirst()
    paginator.base_url = request.build_absolute_uri()
    paginator.cursor = Cursor(0, False, None)
    paginator.has_next, paginator.has_previous = True, False
    paginator.page = rows[:-1]
    paginator.next_position = str(rows[-1].created_at)
    link: str | None = paginator.get_next_link()
    return link


def _respond(body: dict[str, Any], methods: str) -> HttpResponse:
    content = OrjsonRenderer().render(body)
    headers = {"Vary": "Accept", "Allow": f"{methods}, HEAD, OPTIONS", "Content-Length": str(len(content))}
    return HttpResponse(content, content_type="application/json", headers=headers)


@cache
def _detail() -> Shape:
    rows = reading.with_response_and_attempts().filter(pk=NOTHING, user_id=NOBODY)
    return Shape(reading.columns(rows, DETAIL), DETAIL, NOTHING, NOBODY, is_planned_once=True)


@cache
def _page() -> Shape:
    rows = reading.shortened(reading.requests()).filter(user_id=NOBODY).order_by(*NewestFirst.ordering)
    # Of one user PostgreSQL knows that they have nearly all rows, of another that they have hardly any.
    columns = reading.columns(rows, reading.SHORT)[: NewestFirst.page_size + 1]
    return Shape(columns, reading.SHORT, NOBODY, is_planned_once=False)
