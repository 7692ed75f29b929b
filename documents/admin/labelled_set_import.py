"""The page on which a labelled set is imported."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.admin.base import DocumentsAdmin, accepted, refusals, sent
from documents.admin.uploads import FILES_HELP, Files, take_in
from documents.models import Document, LabelledSet
from documents.services import label_files, labelling
from prompts.admin.base import sees_all
from prompts.admin.version_pages import asking
from prompts.exceptions import InvalidInput


class ImportForm(forms.Form):
    """A name, the documents, and what is expected of them."""

    name = forms.CharField(
        max_length=64,
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=gettext_lazy(
            "Lower-case letters, digits, hyphens and underscores. A name that is there gets a new revision."
        ),
    )
    labels = forms.FileField(
        label=gettext_lazy("Labels"),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,.jsonl"}),
        help_text=gettext_lazy(
            "CSV with a column “file” and one for each field, or JSON or JSON Lines of {“file”: …, “fields”: {…}}."
        ),
    )
    uploads = Files(label=gettext_lazy("Files"), help_text=FILES_HELP)

    def clean_labels(self) -> list[label_files.Label]:
        try:
            return label_files.parse(self.cleaned_data["labels"].read(label_files.MAX_BYTES + 1))
        except InvalidInput as error:
            raise forms.ValidationError(str(error.message)) from error


class ImportPages(DocumentsAdmin[LabelledSet]):
    """Importing labelled sets."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request)

    @asking
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; then the page of the set."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(**sent(request))
        if request.method == "POST" and form.is_valid():
            # Outside of the import's transaction: two who bring the same files must not wait for each other.
            taken = take_in(request.user, form.cleaned_data["uploads"])
            refusals(request, taken.refused)
            if made := accepted(form, partial(_import, request, form.cleaned_data, taken.documents)):
                self.log_addition(request, made, [{"added": {}}])
                messages.success(request, _("The labelled set is %(set)s.") % {"set": made})
                return HttpResponseRedirect(self.address(made))
        return self.page(request, "labelledset/import", _("Import a labelled set"), form=form)


def _import(request: HttpRequest, entered: dict[str, Any], documents: list[Document]) -> LabelledSet:
    labelled = labelling.matched(entered["labels"], documents)
    return labelling.import_set(actor=request.user, name=entered["name"], labelled=labelled)
