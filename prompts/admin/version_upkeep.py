"""The pages on which a version gets a note, and is deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from prompts import powers
from prompts.admin import display, version_display
from prompts.admin.version_forms import NoteForm, show_error
from prompts.admin.version_pages import VersionPages, as_fieldset, asking, to_version
from prompts.exceptions import InvalidInput
from prompts.models import PromptVersion
from prompts.services import lifecycle


class UpkeepPages(VersionPages):
    """Annotating and deleting."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.note_view)
        return [path("<int:identifier>/note/", view, name="prompts_promptversion_note"), *super().get_urls()]

    @asking
    def note_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Write, change or empty the note."""
        return self.work_on(request, identifier, self._note, power=powers.writes_versions)

    @asking
    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Take a version out of use, once its reader has confirmed that."""
        view = self._delete if request.method == "POST" else self._ask_to_delete
        return self.work_on(request, object_id, view, power=powers.manages_all)

    def _note(self, request: HttpRequest, version: PromptVersion) -> HttpResponse:
        form = NoteForm(request.POST if request.method == "POST" else None, initial=_note_of(version))
        if request.method == "POST" and self._noted(request, version, form):
            messages.success(request, _("The note was saved."))
            return to_version(version)
        title = _("Note on %(version)s") % {"version": version_display.number(version)}
        return self.page(request, version, "note", title, form=form, fieldset=as_fieldset(form))

    def _noted(self, request: HttpRequest, version: PromptVersion, form: NoteForm) -> bool:
        if not form.is_valid():
            return False
        note = form.cleaned_data["manual_note"].strip() or None
        try:
            with transaction.atomic():
                lifecycle.annotate_version(version.prompt_type_id, version.version_number, note=note)
                self.log_change(request, version, [{"changed": {"fields": [_("note")]}}])
        except InvalidInput as error:
            show_error(form, error)
            return False
        return True

    def _ask_to_delete(self, request: HttpRequest, version: PromptVersion) -> HttpResponse:
        lifecycle.check_deletable(version)
        title = _("Delete %(version)s") % {"version": version_display.number(version)}
        return self.page(
            request,
            version,
            "deletion",
            title,
            uses=version_display.uses(version.requests.all()),
            beginning=display.preview(version.template),
            workbench=version_display.workbench_address(version.prompt_type),
        )

    def _delete(self, request: HttpRequest, version: PromptVersion) -> HttpResponse:
        with transaction.atomic():
            lifecycle.delete_version(version.prompt_type_id, version.version_number, actor=request.user)
            self.log_deletions(request, PromptVersion.objects.filter(pk=version.pk))
        messages.success(request, _("%(version)s was deleted.") % {"version": version_display.number(version)})
        return HttpResponseRedirect(version_display.versions_address(version.prompt_type_id))


def _note_of(version: PromptVersion) -> dict[str, Any]:
    return {"manual_note": version.manual_note or ""}
