"""What can be done with a request on its page: each asks first, and does it with a POST."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prompts.admin.base import sees_versions
from prompts.admin.request_forms import ReplayForm
from prompts.admin.request_pages import RequestPages
from prompts.exceptions import DomainError
from prompts.models import PromptRequest
from prompts.services import submission

asking = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


class RequestActions(RequestPages):
    """Cancelling and replaying."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.part("<uuid:identifier>/cancel/", self.cancel_view, "cancel"),
            self.part("<uuid:identifier>/replay/", self.replay_view, "replay"),
            *super().get_urls(),
        ]

    @asking
    def cancel_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """End an unfinished request, once its reader has confirmed that."""
        prompt_request = self.visible(request, identifier)
        if request.method == "POST":
            return self._cancel(request, prompt_request)
        question = _("Do you want to cancel this request? What it has got so far is lost.")
        title = _("Cancel the request")
        return self.page(request, "confirmation", title, prompt_request, question=question, is_danger=True)

    @asking
    def replay_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Send the same input again, as the one who confirms it, to another model or with another version if wanted."""
        prompt_request = self.visible(request, identifier)
        data = request.POST if request.method == "POST" else None
        form = ReplayForm(prompt_request, data, with_versions=sees_versions(request))
        if data is not None and form.is_valid():
            return self._replay(request, prompt_request, form)
        question = _("Do you want to send the same input again, in your name? It may cost again.")
        return self.page(request, "replay", _("Replay"), prompt_request, question=question, form=form)

    def _cancel(self, request: HttpRequest, prompt_request: PromptRequest) -> HttpResponse:
        try:
            with transaction.atomic():
                cancelled = submission.cancel(prompt_request.pk)
                self.log_change(request, cancelled, [{"changed": {"fields": ["status"]}}])
            messages.success(request, _("The request was cancelled."))
        except DomainError as error:
            messages.error(request, told(error))
        return _to_page_of(prompt_request)

    def _replay(self, request: HttpRequest, original: PromptRequest, form: ReplayForm) -> HttpResponse:
        try:
            with transaction.atomic():
                sent = submission.replay(original, user=request.user, **form.given())
                self.log_addition(request, sent, [{"added": {}}])
        except DomainError as error:
            messages.error(request, told(error))
            return _to_page_of(original)
        messages.success(request, _("The request was replayed. This is the new one."))
        return _to_page_of(sent)


def told(error: DomainError) -> str:
    """A refusal in one line."""
    return f"{error.user_message} {error.message} {error.recovery_action}"


def _to_page_of(prompt_request: PromptRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:prompts_promptrequest_change", args=[prompt_request.pk]))
