"""What can be done with a batch: it is held and let go on at once, all else asks first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from documents.admin.base import OwnedAdmin, accepted, sent
from documents.admin.batch_start import PinForm
from documents.models import Batch
from documents.services import batches
from prompts.admin.version_pages import asking
from prompts.exceptions import Conflict


class BatchActions(OwnedAdmin[Batch]):
    """Pausing, resuming, cancelling, trying failed ones again, and running all again with another version."""

    def get_urls(self) -> list[URLPattern]:
        names = ("pause", "resume", "cancel", "retry", "rerun")
        views: dict[str, Callable[..., HttpResponse]] = {name: getattr(self, f"{name}_view") for name in names}
        pages = [
            path(f"<uuid:identifier>/{name}/", self.admin_site.admin_view(view), name=f"documents_batch_{name}")
            for name, view in views.items()
        ]
        return [*pages, *super().get_urls()]

    @method_decorator(require_POST)
    def pause_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Send nothing more for now."""
        return self._do(request, identifier, batches.pause, _("The batch is paused. What was sent already goes on."))

    @method_decorator(require_POST)
    def resume_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Go on where it was paused."""
        return self._do(request, identifier, batches.resume, _("The batch goes on."))

    @asking
    def cancel_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """End it with what it has got."""
        if request.method == "POST":
            return self._do(request, identifier, batches.cancel, _("The batch was cancelled."))
        batch = self.visible(request, identifier)
        question = _(
            "Do you want to cancel this batch for good? It keeps the answers that it has got; no more will come."
        )
        return self.ask(request, batch, _("Cancel the batch"), question, is_danger=True)

    @asking
    def retry_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Ask once more about the documents that failed."""
        batch = self.visible(request, identifier)
        if request.method == "POST":
            return self.carry_out(request, batch, partial(_retry, request, batch))
        question = _("Do you want to ask once more about the documents that failed? That may cost again.")
        return self.ask(request, batch, _("Retry failed documents"), question)

    @asking
    def rerun_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Ask about the same documents in a new batch, with this version or another one."""
        batch = self.visible(request, identifier)
        form = PinForm(**sent(request), initial={"version_number": batch.version.version_number})
        if request.method == "POST" and (made := accepted(form, partial(_rerun, request, batch, form))):
            self.log_addition(request, made, [{"added": {}}])
            messages.success(request, _("This is the new batch. Once it has finished, compare it with the old one."))
            return HttpResponseRedirect(self.address(made))
        return self.page(request, "batch/rerun", _("Run again"), batch, form=form)

    def _do(self, request: HttpRequest, identifier: UUID, service: Callable[..., Any], told: str) -> HttpResponse:
        batch = self.visible(request, identifier)

        def act() -> str:
            service(batch.pk, actor=request.user)
            return told

        return self.carry_out(request, batch, act)


def _retry(request: HttpRequest, batch: Batch) -> str:
    number = batches.retry_failed(batch.pk, actor=request.user)
    if not number:
        raise Conflict(_("The files that failed can't be read, however often that is tried."))
    told = ngettext("%(number)d document is asked about again.", "%(number)d documents are asked about again.", number)
    return told % {"number": number}


def _rerun(request: HttpRequest, batch: Batch, form: PinForm) -> Batch:
    entered = form.cleaned_data
    return batches.rerun(batch.pk, actor=request.user, version_number=entered["version_number"], model=entered["model"])
