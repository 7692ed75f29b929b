"""The page that shows how well a batch did on its labelled set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents.admin import accuracy_looks, batch_looks
from documents.admin.base import OwnedAdmin
from documents.admin.batch_rows import shown
from documents.models import AccuracyRun, Batch, BatchItem
from documents.services import measuring
from documents.services.judging import Judged

MOST_DOCUMENTS = 20


class AccuracyPages(OwnedAdmin[Batch]):
    """Accuracy by field, and the documents that went worst."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.accuracy_view)
        return [path("<uuid:identifier>/accuracy/", view, name="documents_batch_accuracy"), *super().get_urls()]

    @method_decorator(require_safe)
    def accuracy_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """All that was counted, once it was."""
        batch = self.visible(request, identifier)
        run: AccuracyRun | None = getattr(batch, "accuracy", None)
        if run is None:
            raise Http404
        worst = measuring.worst_documents(run, MOST_DOCUMENTS)
        return self.page(
            request,
            "batch/accuracy",
            _("Accuracy"),
            batch,
            accuracy=accuracy_looks.summary(run),
            fields=_fields(run),
            worst=_worst(batch, worst),
        )


def _fields(run: AccuracyRun) -> list[dict[str, Any]]:
    shares = measuring.field_shares(run).items()
    return [
        {"name": name, "right": accuracy_looks.shown(right), "exact": accuracy_looks.shown(exact)}
        for name, (right, exact) in shares
    ]


def _worst(batch: Batch, judged: list[Judged]) -> list[dict[str, Any]]:
    """Name, address and what was wrong of each document."""
    places = _places(batch, judged)
    return [
        {
            "name": document.name,
            "address": _address(batch, places.get(document.document_id)),
            "wrong": document.wrong,
            "total": len(document.fields),
            "fields": [
                {"name": field.field, "expected": shown(field.expected), "given": shown(field.given)}
                for field in document.fields
                if not field.is_right
            ],
        }
        for document in judged
    ]


def _places(batch: Batch, judged: list[Judged]) -> dict[UUID, int]:
    ids = [document.document_id for document in judged]
    return dict(BatchItem.objects.filter(batch=batch, document__in=ids).values_list("document_id", "position"))


def _address(batch: Batch, position: int | None) -> str | None:
    return batch_looks.item_address(batch.pk, position) if position else None
