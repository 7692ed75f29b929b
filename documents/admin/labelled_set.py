"""Labelled sets: the list, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from documents.admin import accuracy_looks, looks
from documents.admin.batch_rows import shown
from documents.admin.labelled_set_import import ImportPages
from documents.admin.labelled_set_run import RunPages
from documents.models import AccuracyRun, LabelledSet
from prompts.admin import display
from prompts.admin.base import sees_all

MOST_RUNS = 50
MOST_DOCUMENTS = 100


@admin.register(LabelledSet)
class LabelledSetAdmin(ImportPages, RunPages):
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
        labels = row.documents.select_related("document").order_by("position")[: MOST_DOCUMENTS + 1]
        return {
            "title": str(row),
            "subtitle": None,
            "labelled_set": row,
            "number": looks.count_documents(self.documents_number(row)),
            "created": display.moment(row.created_at),
            "runs": [accuracy_looks.line(run) for run in runs.order_by("-created_at", "-batch")[:MOST_RUNS]],
            "documents": [_line(label) for label in labels[:MOST_DOCUMENTS]],
            "has_more": len(labels) > MOST_DOCUMENTS,
            "manages": sees_all(request),
        }


def _line(label: Any) -> dict[str, Any]:
    fields = [(name, shown(value)) for name, value in label.expected.items()]
    return {"position": label.position, "link": looks.document_link(label.document), "fields": fields}
