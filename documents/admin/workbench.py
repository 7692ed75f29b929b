"""Dropping a file on the workbench of a prompt type: its text fills the input of a placeholder."""

from __future__ import annotations

import re
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents.admin import looks
from documents.admin.gate import GatedTypeAdmin
from documents.models import Document, DocumentFile
from documents.models.document_file import Priority, ReadingState
from documents.services import storing
from documents.services.reading import text_of
from prompts.admin.workbench.values import PREFIX, ValuesForm
from prompts.exceptions import InvalidInput
from prompts.models import PromptType
from prompts.models.prompt_request import MAX_PROMPT_BYTES
from prompts.powers import manages_all
from prompts.rendering import NAME_PATTERN

TEMPLATE = "admin/prompts/workbench/sandbox_file.html"


class DropForm(forms.Form):
    """A file, and the placeholder that its text fills."""

    file = forms.FileField(allow_empty_file=True)
    placeholder = forms.RegexField(rf"\A{NAME_PATTERN}\Z")


class WorkbenchTypeAdmin(GatedTypeAdmin):
    """Prompt types whose workbench reads files."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.part("file", "file/", self.file_view),
            self.part("document", "file/<uuid:document>/<str:placeholder>/", self.document_view),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def file_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Keep a file as a document and have it read; show how far that is."""
        kind = self.kind(request, identifier)
        form = DropForm(request.POST, request.FILES)
        if not form.is_valid():
            return _told(request, _("Choose a file, and a placeholder for its text."))
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                document = storing.add_document(
                    user=request.user, name=file.name, content=file.file, priority=Priority.PERSON
                )
        except InvalidInput as error:
            return _told(request, str(error.message), name=file.name)
        return _shown(request, kind, document, form.cleaned_data["placeholder"])

    @method_decorator(require_GET)
    def document_view(self, request: HttpRequest, identifier: int, document: UUID, placeholder: str) -> HttpResponse:
        """How far a file is read; once it is, its text in the input of the placeholder."""
        kind = self.kind(request, identifier)
        rows = Document.objects.select_related("file")
        own = rows if manages_all(request.user) else rows.filter(user=request.user.pk)
        found = own.filter(pk=document).first()
        if found is None or re.fullmatch(NAME_PATTERN, placeholder) is None:
            raise Http404
        return _shown(request, kind, found, placeholder)


def _shown(request: HttpRequest, kind: PromptType, document: Document, placeholder: str) -> HttpResponse:
    file = document.file
    text = text_of(file) if file.state == ReadingState.READ else ""
    if problem := _problem(file, text):
        return _told(request, problem, name=document.name)
    address = reverse("admin:prompts_prompttype_workbench_document", args=[kind.pk, document.pk, placeholder])
    context = {
        "document": document,
        "link": looks.document_link(document),
        "placeholder": placeholder,
        "state": looks.reading_state(file),
        "pages": looks.pages(file) if file.page_count else "",
        "address": address,
        "text_input": _text_input(placeholder, text) if text else None,
    }
    return TemplateResponse(request, TEMPLATE, context)


def _problem(file: DocumentFile, text: str) -> str:
    """Why the text of a file can't be used; empty where it can, or isn't there yet."""
    if file.state == ReadingState.FAILED:
        return looks.reason(file)
    if file.state == ReadingState.READ and not text.strip():
        return _("No text was found in it.")
    if len(text.encode()) > MAX_PROMPT_BYTES:
        return _("Its text is longer than 1 MB, more than a prompt may have.")
    return ""


def _text_input(placeholder: str, text: str) -> SafeString:
    """The input of the placeholder with the text in it, to be put in the place of the one on the page."""
    form = ValuesForm([placeholder], {f"{PREFIX}{placeholder}": text}, keep=False)
    return form[placeholder].as_widget(attrs={"hx-swap-oob": "true"})


def _told(request: HttpRequest, problem: str, name: str | None = "") -> HttpResponse:
    return TemplateResponse(request, TEMPLATE, {"problem": problem, "name": name})


admin.site.unregister(PromptType)
admin.site.register(PromptType, WorkbenchTypeAdmin)
