"""Labelled sets: the list, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from documents.admin import accuracy_charts, accuracy_looks, looks
from documents.admin.labelled_document import LabelledDocumentPages, expected_fields
from documents.admin.labelled_set_import import ImportPages
from documents.admin.labelled_set_run import RunPages
from documents.models import AccuracyRun, LabelledDocument, LabelledSet
from prompts.admin import display
from prompts.admin.base import sees_all

MOST_RUNS = 50
MOST_DOCUMENTS = 100


@admin.register(LabelledSet)
class LabelledSetAdmin(ImportPages, RunPages, LabelledDocumentPages):
    """Looking at labelled sets and how versions did on them."""

    change_form_template = "admin/documents/labelledset/change_form.html"
    list_display = ("label", "documents_number", "created_by", "created", "fingerprint")
    list_select_related = ("created_by",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LabelledSet]:
        return super().get_queryset(request).annotate(number=Count("documents"))

    @admin.display(description=_("name"))
    def label(self, labelled_set: LabelledSet) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', labelled_set)

    @admin.display(description=_("documents"))
    def documents_number(self, labelled_set: LabelledSet) -> int:
        return int(getattr(labelled_set, "number", 0))

    @admin.display(description=_("created at"))
    def created(self, labelled_set: LabelledSet) -> SafeString | None:
        return display.moment(labelled_set.created_at)

    @admin.display(description=_("contents"))
    def fingerprint(self, labelled_set: LabelledSet) -> SafeString:
        return display.code(labelled_set.content_sha256[:12], title=labelled_set.content_sha256)

    def context_of(self, request: HttpRequest, row: LabelledSet) -> dict[str, Any]:
        runs = AccuracyRun.objects.filter(labelled_set=row).select_related("version", "labelled_set")
        after = _number(request.GET.get("after", ""))
        labels = list(row.documents.select_related("document").filter(position__gt=after)[: MOST_DOCUMENTS + 1])
        return {
            "title": str(row),
            "subtitle": None,
            "labelled_set": row,
            "number": looks.count_documents(self.documents_number(row)),
            "created": display.moment(row.created_at),
            "runs": [accuracy_looks.line(run) for run in runs.order_by("-created_at", "-batch")[:MOST_RUNS]],
            "charts": accuracy_charts.charts_of_set(row),
            "documents": [_line(label) for label in labels[:MOST_DOCUMENTS]],
            "is_first": after == 0,
            "later": labels[MOST_DOCUMENTS - 1].position if len(labels) > MOST_DOCUMENTS else None,
            "manages": sees_all(request),
        }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _line(label: LabelledDocument) -> dict[str, Any]:
    address = reverse("admin:documents_labelledset_document", args=[label.labelled_set_id, label.position])
    link = format_html('<a href="{}"><bdi>{}</bdi></a>', address, label.document.name)
    return {"position": label.position, "link": link, "fields": expected_fields(label)}
