"""The page of one document of a batch: its text beside its fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents import accuracy
from documents.admin import batch_looks, looks
from documents.admin.base import OwnedAdmin, sees_documents
from documents.admin.batch_rows import error_words, field_names, shown
from documents.admin.pages_shown import ShownPages, shown_pages
from documents.models import Batch, BatchItem, LabelledDocument
from documents.services.judging import orders_of
from documents.services.results import ItemResult, results
from prompts.admin import display

#: There are no more in the database.
MOST_POSITION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer, what is wrong with it, and what was expected of it where that is known."""

    name: str
    value: str
    is_missing: bool
    problem: str
    expected: str | None
    is_right: bool


class ItemPages(OwnedAdmin[Batch]):
    """Looking at the documents of a batch one by one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.document_view)
        page = path("<uuid:identifier>/documents/<int:position>/", view, name="documents_batch_document")
        return [page, *super().get_urls()]

    @method_decorator(require_safe)
    def document_view(self, request: HttpRequest, identifier: UUID, position: int) -> HttpResponse:
        """What was read, and what was answered."""
        batch = self.visible(request, identifier)
        rows = batch.items.select_related("document__file")
        item = rows.filter(position=position).first() if position <= MOST_POSITION else None
        if item is None:
            raise Http404
        (result,) = results(batch, after=position - 1, limit=1)
        context = _context(batch, item, result) | {"text": _pages(request, item)}
        return self.page(request, "batch/document", item.document.name, batch, **context)


def _pages(request: HttpRequest, item: BatchItem) -> ShownPages:
    is_open = sees_documents(request, item.document.user_id)
    return shown_pages(item.document, request.GET.get("page", ""), with_pictures=is_open)


def _context(batch: Batch, item: BatchItem, result: ItemResult) -> dict[str, Any]:
    return {
        "item": item,
        "batch_has_schema": batch.version.field_schema is not None,
        "result": result,
        "document_link": looks.document_link(item.document),
        "request_link": display.request_link(result.request_id) if result.request_id else None,
        "earlier_requests": [display.request_link(pk) for pk in item.earlier_requests],
        "outcome": batch_looks.outcome(result.outcome),
        "error": error_words(result),
        "answer": result.text[: display.MOST_CHARACTERS],
        "problem": _problem(result, ""),
        "facts": _facts(result),
        "fields": _fields(batch, item, result),
        "reading": looks.reading_state(item.document.file),
        "neighbours": _neighbours(batch, item),
    }


def _facts(result: ItemResult) -> list[tuple[str, object]]:
    return [
        (_("Duration"), display.duration(result.duration_ms)),
        (_("Cost (USD)"), display.money(result.cost)),
    ]


def _fields(batch: Batch, item: BatchItem, result: ItemResult) -> list[Field]:
    expected = _expected(batch, item)
    orders = orders_of(batch.labelled_set_id) if batch.labelled_set_id is not None else {}
    names = field_names(batch, [result]) if result.fields is not None else []
    return [_field(name, result, expected, orders) for name in dict.fromkeys([*names, *expected])]


def _field(name: str, result: ItemResult, expected: dict[str, Any], orders: dict[str, bool]) -> Field:
    given = (result.fields or {}).get(name)
    return Field(
        name=name,
        value=shown(given),
        is_missing=name in result.missing,
        problem=_problem(result, name),
        expected=shown(expected[name]) if name in expected else None,
        is_right=result.fields is not None
        and name in expected
        and accuracy.matches(expected[name], given, month_first=orders[name]),
    )


def _problem(result: ItemResult, name: str) -> str:
    """What is wrong with a field, or without a name with the answer as a whole, besides what is missing."""
    return " ".join(problem.message for problem in result.problems if problem.field == name)


def _expected(batch: Batch, item: BatchItem) -> dict[str, Any]:
    """What the labelled set expects of the document; nothing without one."""
    labels = LabelledDocument.objects.filter(labelled_set=batch.labelled_set_id, document=item.document_id)
    return labels.values_list("expected", flat=True).first() or {} if batch.labelled_set_id is not None else {}


def _neighbours(batch: Batch, item: BatchItem) -> dict[str, str | None]:
    """Addresses of the document before and the one after."""
    before = batch.items.filter(position__lt=item.position).order_by("-position").first()
    after = batch.items.filter(position__gt=item.position).order_by("position").first()
    return {
        "before": batch_looks.item_address(batch.pk, before.position) if before else None,
        "after": batch_looks.item_address(batch.pk, after.position) if after else None,
    }
