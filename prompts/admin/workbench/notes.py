"""Notes on versions, written in their lines of the history."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prompts import powers
from prompts.admin.base import PromptsAdmin
from prompts.admin.version_forms import NoteForm, show_error
from prompts.admin.workbench.access import find_kind, number_in
from prompts.admin.workbench.history import View, active_number, entry, find_row
from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle


class NotePages(PromptsAdmin[PromptType]):
    """The note on a version of the type, for who writes versions."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.note_view)
        name = "prompts_prompttype_workbench_note"
        return [path("<int:identifier>/workbench/note/<int:number>/", view, name=name), *super().get_urls()]

    @method_decorator(require_POST)
    def note_view(self, request: HttpRequest, identifier: int, number: int) -> HttpResponse:
        """Replace the note; the answer is the version's line of the history as it is then."""
        kind = find_kind(request, identifier, powers.writes_versions)
        row = _row(kind, number)
        form = NoteForm(request.POST)
        is_saved = form.is_valid() and self._is_noted(request, row, form)
        view = View.asked(request.GET, number_in(request.GET.get("version", "")))
        context = {
            "kind": kind,
            "entry": entry(_row(kind, number) if is_saved else row, view, active_number(kind)),
            "view_address": view.address(),
            "errors": form.errors.get("manual_note"),
            "entered": form["manual_note"].value(),
            "writes": True,
            "manages": powers.manages_all(request.user),
        }
        return TemplateResponse(request, "admin/prompts/workbench/entry.html", context)

    def _is_noted(self, request: HttpRequest, version: PromptVersion, form: NoteForm) -> bool:
        """Whether the note was saved; if not, the form says why."""
        note = form.cleaned_data["manual_note"].strip() or None
        try:
            with transaction.atomic():
                lifecycle.annotate_version(version.prompt_type_id, version.version_number, note=note)
                self.log_change(request, version, [{"changed": {"fields": [_("note")]}}])  # type: ignore[arg-type]
        except InvalidInput as error:
            show_error(form, error)
            return False
        return True


def _row(kind: PromptType, number: int) -> PromptVersion:
    """Raises Http404."""
    row = find_row(kind, number)
    if row is None:
        raise Http404
    return row
