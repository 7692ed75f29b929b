"""On the page of a request: the document that its text comes from, and its answer as soon as it is there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin import batch_looks, looks
from documents.models import Document
from prompts.admin import PromptRequestAdmin
from prompts.models import PromptRequest


class RequestOfDocumentAdmin(PromptRequestAdmin):
    """Requests, with a way back to their documents."""

    def context_of(self, request: HttpRequest, row: PromptRequest) -> dict[str, Any]:
        context = super().context_of(request, row)
        prompt = format_html("{}{}", _origin(row), context["prompt"] if row.prompt_text or row.texts_erased_at else "")
        return context | {"prompt": prompt, "is_live": _is_under_way(row)}


def _is_under_way(row: PromptRequest) -> bool:
    """Whether its answer may come any moment: one that is put off has its time."""
    return not row.is_finished and (row.run_at is None or row.run_at <= timezone.now())


def _origin(row: PromptRequest) -> SafeString | str:
    """Which document a request asks about; nothing where it asks about none."""
    run, item = getattr(row, "sandbox_run", None), getattr(row, "batch_item", None)
    if run is not None:
        return _told(run.document, is_awaited=row.awaits_text)
    if item is not None:
        return format_html("{} <p>{}</p>", _told(item.document, is_awaited=False), batch_looks.item_link(item))
    return ""


def _told(document: Document, *, is_awaited: bool) -> SafeString:
    told = _("It waits for the text of the document.") if is_awaited else _("The text comes from a document:")
    return format_html("<p>{} {}</p>", told, looks.document_link(document))


admin.site.unregister(PromptRequest)
admin.site.register(PromptRequest, RequestOfDocumentAdmin)
