"""The page on which documents are brought in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents.admin.base import OwnedAdmin, refusals, sent
from documents.admin.uploads import FILES_HELP, Files, Taken, take_in
from documents.models import Document
from documents.models.document_file import Priority
from prompts.admin.base import sees_all
from prompts.admin.version_pages import asking


class UploadForm(forms.Form):
    """Files to keep."""

    uploads = Files(label=gettext_lazy("Files"), help_text=FILES_HELP)


class UploadPages(OwnedAdmin[Document]):
    """Adding documents."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or request.user.has_perm("documents.add_document")

    @asking
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; then the list with what was added, or the page of the only one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(**sent(request))
        if request.method == "POST" and form.is_valid():
            taken = take_in(request.user, form.cleaned_data["uploads"], priority=Priority.PERSON)
            if taken.documents:
                return self._lead_on(request, taken)
            for name, reason in taken.refused:
                form.add_error("uploads", f"{name}: {reason}")
        return self.page(request, "document/upload", _("Add documents"), form=form)

    def _lead_on(self, request: HttpRequest, taken: Taken) -> HttpResponse:
        number = len(taken.documents)
        told = ngettext("%(number)d document was added.", "%(number)d documents were added.", number)
        messages.success(request, told % {"number": number})
        refusals(request, taken.refused)
        if number == 1:
            return HttpResponseRedirect(self.address(taken.documents[0]))
        return HttpResponseRedirect(reverse("admin:documents_document_changelist"))
