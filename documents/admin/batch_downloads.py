"""The results of a batch as files."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from documents.admin.base import OwnedAdmin
from documents.models import Batch
from documents.services import results
from prompts.admin import display
from prompts.downloads import as_file
from prompts.exceptions import TooManyDownloads


class Downloads(OwnedAdmin[Batch]):
    """CSV for spreadsheets, JSON Lines for programs; both are sent while they are being read."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:identifier>/results.csv", view(self.csv_view), name="documents_batch_csv"),
            path("<uuid:identifier>/results.jsonl", view(self.jsonl_view), name="documents_batch_jsonl"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def csv_view(self, request: HttpRequest, identifier: UUID) -> HttpResponseBase:
        """All rows, with a column a field."""
        batch = self.visible(request, identifier)
        return self._file(request, batch, "csv", "text/csv", results.csv_lines(batch))

    @method_decorator(require_safe)
    def jsonl_view(self, request: HttpRequest, identifier: UUID) -> HttpResponseBase:
        """All rows, an object a line."""
        batch = self.visible(request, identifier)
        return self._file(request, batch, "jsonl", "application/jsonl", results.json_lines(batch))

    def _file(
        self, request: HttpRequest, batch: Batch, ending: str, media_type: str, lines: Iterator[str]
    ) -> HttpResponseBase:
        try:
            return as_file(f"batch-{display.short_id(batch.pk)}.{ending}", media_type, lines)
        except TooManyDownloads as error:
            messages.error(request, f"{error.user_message} {error.recovery_action}")
            return HttpResponseRedirect(reverse("admin:documents_batch_change", args=[batch.pk]))
