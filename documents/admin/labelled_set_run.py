"""The page on which a version is run over a labelled set."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.admin import batch_looks
from documents.admin.base import DocumentsAdmin, accepted, sent
from documents.admin.batch_start import PinForm
from documents.models import Batch, LabelledSet
from documents.services import labelling
from prompts.admin.base import sees_all
from prompts.admin.fields import TypeChoice
from prompts.admin.version_pages import asking


class RunForm(PinForm):
    """Which version is measured."""

    prompt_type = TypeChoice(label=gettext_lazy("Prompt type"))
    field_order = ("prompt_type", "version_number", "model")


class RunPages(DocumentsAdmin[LabelledSet]):
    """Measuring versions."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.run_view)
        return [path("<int:identifier>/run/", view, name="documents_labelledset_run"), *super().get_urls()]

    @asking
    def run_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Ask about each document of the set; what came is counted when all have ended."""
        if not sees_all(request):
            raise PermissionDenied
        labelled_set = self.visible(request, identifier)
        form: forms.Form = RunForm(**sent(request), initial={"prompt_type": request.GET.get("prompt_type", "")})
        if request.method == "POST" and (batch := accepted(form, partial(_run, request, labelled_set, form))):
            messages.success(
                request, _("The run has started. Its accuracy is shown here when all documents have ended.")
            )
            return HttpResponseRedirect(batch_looks.address(batch.pk))
        return self.page(request, "labelledset/run", _("Run a version"), labelled_set, form=form)


def _run(request: HttpRequest, labelled_set: LabelledSet, form: forms.Form) -> Batch:
    entered = form.cleaned_data
    return labelling.run_set(
        labelled_set,
        actor=request.user,
        prompt_type=entered["prompt_type"].slug,
        version_number=entered["version_number"],
        model=entered["model"],
    )
