"""The page of one document of a batch: its text beside its fields."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents import accuracy
from documents.accuracy.matching import written
from documents.admin import batch_looks, looks
from documents.admin.base import OwnedAdmin
from documents.admin.batch_rows import error_words, field_names, shown
from documents.admin.pages_shown import shown_pages
from documents.models import Batch, BatchItem, LabelledDocument
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
        context = _context(batch, item, result, request.GET.get("page", ""))
        return self.page(request, "batch/document", item.document.name, batch, **context)


def _context(batch: Batch, item: BatchItem, result: ItemResult, start: str) -> dict[str, Any]:
    return {
        "batch_name": display.short_id(batch.pk),
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
        "text": shown_pages(item.document.file, start),
        "neighbours": _neighbours(batch, item),
    }


def _facts(result: ItemResult) -> list[tuple[str, object]]:
    return [
        (_("Duration"), display.duration(result.duration_ms)),
        (_("Cost (USD)"), display.money(result.cost)),
    ]


def _fields(batch: Batch, item: BatchItem, result: ItemResult) -> list[Field]:
    labels = _labels(batch)
    expected = labels.get(item.document_id, {})
    names = field_names(batch, [result]) if result.fields is not None else []
    return [_field(name, result, labels.values(), expected) for name in dict.fromkeys([*names, *expected])]


def _field(name: str, result: ItemResult, labels: Collection[dict[str, Any]], expected: dict[str, Any]) -> Field:
    given = (result.fields or {}).get(name)
    month_first = accuracy.month_first(written(label.get(name)) for label in labels)
    return Field(
        name=name,
        value=shown(given),
        is_missing=name in result.missing,
        problem=_problem(result, name),
        expected=shown(expected[name]) if name in expected else None,
        is_right=result.fields is not None
        and name in expected
        and accuracy.matches(expected[name], given, month_first=month_first),
    )


def _problem(result: ItemResult, name: str) -> str:
    """What is wrong with a field, or without a name with the answer as a whole, besides what is missing."""
    return " ".join(problem.message for problem in result.problems if problem.field == name)


def _labels(batch: Batch) -> dict[UUID, dict[str, Any]]:
    """What the labelled set expects of each document; nothing without one."""
    if batch.labelled_set_id is None:
        return {}
    labels = LabelledDocument.objects.filter(labelled_set=batch.labelled_set_id)
    return dict(labels.values_list("document_id", "expected"))


def _neighbours(batch: Batch, item: BatchItem) -> dict[str, str | None]:
    """Addresses of the document before and the one after."""
    before = batch.items.filter(position__lt=item.position).order_by("-position").first()
    after = batch.items.filter(position__gt=item.position).order_by("position").first()
    return {
        "before": batch_looks.item_address(batch.pk, before.position) if before else None,
        "after": batch_looks.item_address(batch.pk, after.position) if after else None,
    }
