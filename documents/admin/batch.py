"""Batches: the list, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from documents.admin import batch_looks
from documents.admin.batch_accuracy import AccuracyPages
from documents.admin.batch_actions import BatchActions
from documents.admin.batch_comparison import ComparisonPages
from documents.admin.batch_downloads import Downloads
from documents.admin.batch_item import ItemPages
from documents.admin.batch_page import page_context
from documents.admin.batch_start import StartPages
from documents.models import Batch
from documents.services.progress import Progress, progress_of_many
from prompts.admin import display, version_display
from prompts.admin.base import LeanList, sees_versions
from prompts.admin.search import by_id_or_words, identified_by


class BatchList(LeanList):
    """Counts the documents of all batches of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        self.progress = progress_of_many(self.result_list)
        for batch in self.result_list:
            batch.progress = self.progress[batch.pk]


@admin.register(Batch)
class BatchAdmin(StartPages, BatchActions, ItemPages, ComparisonPages, AccuracyPages, Downloads):
    """Looking at batches, and what can be done with them."""

    change_form_template = "admin/documents/batch/change_form.html"
    long_columns = tuple(f"version__{column}" for column in version_display.LONG_COLUMNS)
    list_display = ("identifier", "created", "standing", "done", "amount", "version_and_model", "user")
    list_select_related = ("user", "prompt_type", "version")
    list_filter = ("state", "prompt_type")
    lookups = frozenset({"user__exact", "state__exact", "prompt_type__slug__exact"})
    search_fields = ("id",)
    search_help_text = _("A part of the purpose, or an id, short or whole")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BatchList

    @admin.display(description=_("id and purpose"))
    def identifier(self, batch: Batch) -> SafeString:
        purpose = format_html("<bdi>{}</bdi>", display.preview(batch.purpose)) if batch.purpose else ""
        return display.lines(display.code(display.short_id(batch.pk), title=str(batch.pk)), purpose)

    @admin.display(description=_("created at"))
    def created(self, batch: Batch) -> SafeString | None:
        return display.moment(batch.created_at)

    @admin.display(description=_("state"))
    def standing(self, batch: Batch) -> SafeString:
        return display.lines(batch_looks.state(batch), display.preview(batch_looks.pause(batch)))

    @admin.display(description=_("done"))
    def done(self, batch: Batch) -> SafeString:
        progress = _progress(batch)
        failed = _("Failed: %(number)d") % {"number": progress.failed} if progress.failed else ""
        return display.lines(batch_looks.done_of_all(progress), failed)

    @admin.display(description=_("cost (USD)"))
    def amount(self, batch: Batch) -> str | None:
        return display.money(_progress(batch).cost)

    @admin.display(description=_("version and model"))
    def version_and_model(self, batch: Batch) -> SafeString:
        kind = format_html("<bdi>{}</bdi>", batch.prompt_type)
        model = format_html('<bdi dir="ltr">{}</bdi>', batch.model)
        return display.lines(kind, version_display.use(batch.version, is_sandbox=False), model)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return by_id_or_words(queryset, search_term, "purpose"), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Batch | None:
        identifier = identified_by(object_id)
        if identifier is None:
            return None
        rows = self.get_queryset(request).select_related(
            "user", "prompt_type", "version", "labelled_set", "accuracy__labelled_set"
        )
        return rows.filter(pk=identifier).first()

    def name_of(self, row: Batch) -> str:
        return display.short_id(row.pk)

    def context_of(self, request: HttpRequest, row: Batch) -> dict[str, Any]:
        return page_context(row, request, with_versions=sees_versions(request))


def _progress(batch: Batch) -> Progress:
    found: Progress = batch.progress  # type: ignore[attr-defined]  # BatchList has counted
    return found
