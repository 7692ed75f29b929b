"""What can be done with a request on its page: each asks first, and does it with a POST."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prompts.admin import display
from prompts.admin.base import HistoryAdmin
from prompts.exceptions import DomainError
from prompts.models import PromptRequest
from prompts.services import submission


class RequestActions(HistoryAdmin[PromptRequest]):
    """Cancelling and replaying."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:identifier>/cancel/", view(self.cancel_view), name="prompts_promptrequest_cancel"),
            path("<uuid:identifier>/replay/", view(self.replay_view), name="prompts_promptrequest_replay"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def cancel_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """End an unfinished request, once its reader has confirmed that."""
        prompt_request = self._visible(request, identifier)
        if request.method == "POST":
            return self._carry_out(request, prompt_request, self._cancel)
        question = _("Do you want to cancel this request? What it has got so far is lost.")
        return self._ask(request, prompt_request, _("Cancel the request"), question, is_danger=True)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def replay_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Send the same input again, as the one who confirms it."""
        prompt_request = self._visible(request, identifier)
        if request.method == "POST":
            return self._carry_out(request, prompt_request, self._replay)
        question = _("Do you want to send the same prompt to the same model again, in your name? It may cost again.")
        return self._ask(request, prompt_request, _("Replay"), question)

    def _visible(self, request: HttpRequest, identifier: UUID) -> PromptRequest:
        """The request, if its reader may see it. Raises Http404."""
        prompt_request = self.get_object(request, str(identifier))
        if prompt_request is None or not self.has_view_permission(request, prompt_request):
            raise Http404
        return prompt_request

    def _ask(
        self, request: HttpRequest, prompt_request: PromptRequest, title: str, question: str, *, is_danger: bool = False
    ) -> HttpResponse:
        """A page that asks `question` and sends the answer back to its own address."""
        context = self.admin_site.each_context(request) | {
            "title": title,
            "question": question,
            "is_danger": is_danger,
            "prompt_request": prompt_request,
            "status": display.status(prompt_request),
            "beginning": display.preview(prompt_request.prompt_text),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/prompts/promptrequest/confirmation.html", context)

    def _carry_out(
        self,
        request: HttpRequest,
        prompt_request: PromptRequest,
        action: Callable[[HttpRequest, PromptRequest], PromptRequest],
    ) -> HttpResponse:
        """Do `action` and show the request that it returns; a refusal is shown on the page it came from."""
        try:
            with transaction.atomic():
                prompt_request = action(request, prompt_request)
        except DomainError as error:
            messages.error(request, f"{error.user_message} {error.message} {error.recovery_action}")
        return HttpResponseRedirect(reverse("admin:prompts_promptrequest_change", args=[prompt_request.pk]))

    def _cancel(self, request: HttpRequest, prompt_request: PromptRequest) -> PromptRequest:
        cancelled = submission.cancel(prompt_request.pk)
        self.log_change(request, cancelled, [{"changed": {"fields": ["status"]}}])
        messages.success(request, _("The request was cancelled."))
        return cancelled

    def _replay(self, request: HttpRequest, prompt_request: PromptRequest) -> PromptRequest:
        sent = submission.replay(prompt_request, user=request.user)
        self.log_addition(request, sent, [{"added": {}}])
        messages.success(request, _("The request was replayed. This is the new one."))
        return sent
