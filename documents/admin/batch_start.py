"""The page on which a batch is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents.admin import looks
from documents.admin.base import OwnedAdmin, accepted, refusals
from documents.admin.uploads import FILES_HELP, Files, take_in
from documents.models import Batch, Document
from documents.services import batches
from prompts.admin.base import sees_all
from prompts.admin.fields import TypeChoice
from prompts.admin.search import identified_by
from prompts.admin.version_pages import asking


class PinForm(forms.Form):
    """Which version and model are asked."""

    version_number = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("A number; the active version if it stays empty. Later activations change nothing."),
    )
    model = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Model"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=gettext_lazy("Instead of the default of the version and its type; may stay empty."),
    )


class DocumentIds(forms.CharField):
    """Ids of documents between commas, as a list; what is no id is left out."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [found for part in str(value or "").split(",") if (found := identified_by(part))]


class BatchForm(PinForm):
    """A new batch. `documents` are those that are here already, chosen in the list or kept from a first try."""

    prompt_type = TypeChoice(label=gettext_lazy("Prompt type"))
    purpose = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Purpose"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto"}),
        help_text=gettext_lazy("Why it was asked."),
    )
    uploads = Files(required=False, label=gettext_lazy("Files"), help_text=FILES_HELP)
    documents = DocumentIds(required=False)

    field_order = ("prompt_type", "version_number", "model", "purpose", "uploads", "documents")


class StartPages(OwnedAdmin[Batch]):
    """Starting batches."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or request.user.has_perm("documents.add_batch")

    @asking
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; then the page of the batch that runs."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            form = BatchForm(initial=_beginning(request))
            return self._form_page(request, form, _documents(request, form["documents"].value()))
        form = BatchForm(request.POST, request.FILES)
        documents = _kept(request, form) if form.is_valid() else _documents(request, form["documents"].value())
        if (batch := accepted(form, lambda: _start(request, form.cleaned_data, documents))) is None:
            return self._form_page(request, form, documents)
        self.log_addition(request, batch, [{"added": {}}])
        messages.success(
            request, _("The batch has started: %(what)s.") % {"what": looks.count_documents(len(documents))}
        )
        _tell_of_copies(request, documents)
        return HttpResponseRedirect(self.address(batch))

    def _form_page(self, request: HttpRequest, form: BatchForm, documents: Sequence[Document]) -> HttpResponse:
        ids = [document.pk for document in documents]
        kept = looks.count_documents(len(ids)) if ids else ""
        return self.page(request, "batch/start", _("Start a batch"), form=form, kept=kept, ids=",".join(map(str, ids)))


def _tell_of_copies(request: HttpRequest, documents: Sequence[Document]) -> None:
    """Whoever uploads a file twice pays for two answers: nobody may learn that from the bill."""
    copies = len(documents) - len({document.file_id for document in documents})
    if copies:
        told = ngettext(
            "%(number)d document holds the same as another one of this batch. Each is asked about all the same.",
            "%(number)d documents hold the same as others of this batch. Each is asked about all the same.",
            copies,
        )
        messages.warning(request, told % {"number": copies})


def _beginning(request: HttpRequest) -> dict[str, Any]:
    return {name: request.GET.get(name, "") for name in ("prompt_type", "version_number", "documents")}


def _kept(request: HttpRequest, form: BatchForm) -> list[Document]:
    """What is asked about. Files that came along stay documents, also where the batch is refused in the end."""
    taken = take_in(request.user, form.cleaned_data["uploads"])
    refusals(request, taken.refused)
    documents = [*_documents(request, form.cleaned_data["documents"]), *taken.documents]
    if not documents:
        form.add_error("uploads", _("Choose at least one file that can be read."))
    return documents


def _documents(request: HttpRequest, chosen: Any) -> list[Document]:
    """Those that their reader may see, in the order in which they were chosen."""
    ids: list[UUID] = DocumentIds(required=False).to_python(chosen) if not isinstance(chosen, list) else chosen
    rows = Document.objects.filter(pk__in=ids)
    visible = rows if sees_all(request) else rows.filter(user=request.user.pk)
    found = visible.in_bulk()
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def _start(request: HttpRequest, entered: dict[str, Any], documents: Sequence[Document]) -> Batch:
    return batches.create_batch(
        user=request.user,
        prompt_type=entered["prompt_type"].slug,
        documents=documents,
        version_number=entered["version_number"],
        model=entered["model"],
        purpose=entered["purpose"],
    )
