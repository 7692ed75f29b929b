"""The list of requests as files: what its address filters and searches, all of it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from prompts.admin.request_actions import told
from prompts.admin.request_links import LIST
from prompts.admin.request_pages import RequestPages
from prompts.admin.search import identified_by, with_short_id
from prompts.downloads import as_file
from prompts.exceptions import TooManyDownloads
from prompts.querysets import PromptRequestQuerySet
from prompts.services import exporting_requests

#: Of the value of a filter, in the audit log.
MOST_TOLD = 200
MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}


class RequestExports(RequestPages):
    """CSV for spreadsheets, JSON Lines for programs; both are sent while they are being read, and audited."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.part("export.csv", self.csv_view, "export_csv"),
            self.part("export.jsonl", self.jsonl_view, "export_jsonl"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """A row a request."""
        return self._file(request, "csv")

    @method_decorator(require_POST)
    def jsonl_view(self, request: HttpRequest) -> HttpResponseBase:
        """An object a line and request."""
        return self._file(request, "jsonl")

    def _file(self, request: HttpRequest, form: str) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET
        back = f"{reverse(LIST)}?{asked.urlencode()}"
        if any("\0" in value for _name, values in asked.lists() for value in values):
            return HttpResponseRedirect(f"{reverse(LIST)}?{ERROR_FLAG}=1")
        try:
            rows, words = self._asked_for(request)
            with transaction.atomic():
                lines = exporting_requests.export(
                    rows, actor=request.user, form=form, words=words, filters=_filters(asked)
                )
                return as_file(f"requests.{form}", MEDIA_TYPES[form], lines)
        except TooManyDownloads as error:
            messages.error(request, told(error))
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{reverse(LIST)}?{ERROR_FLAG}=1")
        return HttpResponseRedirect(back)

    def _asked_for(self, request: HttpRequest) -> tuple[PromptRequestQuerySet, str]:
        """The rows of the list, unsearched, and the words to search them for. Raises IncorrectLookupParameters."""
        words = request.GET.get(SEARCH_VAR, "").strip()
        if identified_by(words) or with_short_id(self.get_queryset(request), words):
            words = ""
        else:
            asked = request.GET.copy()
            asked.pop(SEARCH_VAR, None)
            request.GET = asked  # type: ignore[assignment]  # a list that reads its own address knows no other way
        rows = cast(PromptRequestQuerySet, self.get_changelist_instance(request).queryset)
        return rows.select_related(None).defer(None), words


def _filters(asked: QueryDict) -> dict[str, str]:
    """What the address says about which rows, for the audit log."""
    return {
        name: str(value)[:MOST_TOLD] for name, value in asked.items() if name not in {ORDER_VAR, PAGE_VAR, SEARCH_VAR}
    }
