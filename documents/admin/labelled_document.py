"""The page of one document of a labelled set: its pages beside what is expected of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from documents.admin import looks
from documents.admin.base import DocumentsAdmin, sees_documents
from documents.admin.batch_rows import shown
from documents.admin.pages_shown import shown_pages
from documents.models import LabelledDocument, LabelledSet

#: There are no more in the database.
MOST_POSITION = 2**31 - 1


class LabelledDocumentPages(DocumentsAdmin[LabelledSet]):
    """Looking at the documents of a set one by one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.document_view)
        page = path("<int:identifier>/documents/<int:position>/", view, name="documents_labelledset_document")
        return [page, *super().get_urls()]

    @method_decorator(require_safe)
    def document_view(self, request: HttpRequest, identifier: int, position: int) -> HttpResponse:
        """What is expected; and the pages, for whom the document is open to."""
        labelled_set = self.visible(request, identifier)
        rows = labelled_set.documents.select_related("document__file")
        label = rows.filter(position=position).first() if position <= MOST_POSITION else None
        if label is None:
            raise Http404
        context = _context(request, label) | _neighbours(labelled_set, position)
        return self.page(request, "labelledset/document", label.document.name, labelled_set, **context)


def expected_fields(label: LabelledDocument) -> list[tuple[str, str]]:
    """Names and right values, as people write them."""
    return [(name, shown(value)) for name, value in label.expected.items()]


def _context(request: HttpRequest, label: LabelledDocument) -> dict[str, Any]:
    document = label.document
    is_open = sees_documents(request, document.user_id)
    return {
        "label": label,
        "fields": expected_fields(label),
        "document_link": looks.document_link(document) if is_open else None,
        "text": shown_pages(document, request.GET.get("page", ""), with_pictures=True) if is_open else None,
    }


def _neighbours(labelled_set: LabelledSet, position: int) -> dict[str, str | None]:
    """Addresses of the document before and the one after."""
    rows = labelled_set.documents
    before = rows.filter(position__lt=position).order_by("-position").first()
    after = rows.filter(position__gt=position).order_by("position").first()
    return {"before": _address(before), "after": _address(after)}


def _address(label: LabelledDocument | None) -> str | None:
    if label is None:
        return None
    return reverse("admin:documents_labelledset_document", args=[label.labelled_set_id, label.position])
