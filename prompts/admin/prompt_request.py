"""Requests: the list, the page of one, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from prompts.admin import display
from prompts.admin.base import HistoryAdmin, sees_all
from prompts.admin.filters import ModelFilter, UserFilter
from prompts.admin.request_page import page_context
from prompts.admin.search import identified_by
from prompts.exceptions import DomainError
from prompts.models import PromptRequest
from prompts.querysets import PromptRequestQuerySet
from prompts.services import submission


@admin.register(PromptRequest)
class PromptRequestAdmin(HistoryAdmin[PromptRequest]):
    """Looking at requests, cancelling and replaying them."""

    owner = "user"
    long_columns = ("prompt_text", "parameters", "metadata", "response__response_text")
    fields = ()
    list_display = (
        "identifier",
        "created_at",
        "status_badge",
        "user",
        "prompt_type",
        "model",
        "purpose",
        "attempt_count",
        "duration",
        "cost",
    )
    list_select_related = ("user", "prompt_type", "response")
    sortable_by = ("created_at",)
    search_fields = ("id",)
    search_help_text = gettext_lazy("Words of the prompt or its purpose, or a whole id")
    lookups = frozenset(
        {
            "status__exact",
            "prompt_type__slug__exact",
            "model",
            "user__exact",
            "simulated__exact",
            "created_at__gte",
            "created_at__lt",
        }
    )

    @admin.display(description=gettext_lazy("id"))
    def identifier(self, request: PromptRequest) -> SafeString:
        return display.code(display.short_id(request.pk), title=str(request.pk))

    @admin.display(description=gettext_lazy("status"))
    def status_badge(self, request: PromptRequest) -> SafeString:
        return display.status(request)

    @admin.display(description=gettext_lazy("duration"))
    def duration(self, request: PromptRequest) -> str | None:
        return display.duration(request.response.duration_ms) if hasattr(request, "response") else None

    @admin.display(description=gettext_lazy("cost (USD)"))
    def cost(self, request: PromptRequest) -> str | None:
        return display.money(request.response.cost) if hasattr(request, "response") else None

    @property
    def media(self) -> forms.Media:
        """With what the filter by user needs."""
        field = PromptRequest._meta.get_field("user")
        return super().media + AutocompleteSelect(field, self.admin_site).media

    def get_list_filter(self, request: HttpRequest) -> Any:
        own = ("status", "prompt_type", "created_at", ("simulated", admin.BooleanFieldListFilter))
        if not sees_all(request):
            return own
        users = (("user", UserFilter),) if request.user.has_perm("system.view_user") else ()
        return ("status", "prompt_type", ModelFilter, *own[2:], *users)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PromptRequest], search_term: str
    ) -> tuple[QuerySet[PromptRequest], bool]:
        identifier = identified_by(search_term)
        if identifier is not None:
            return queryset.filter(pk=identifier), False
        requests = cast(PromptRequestQuerySet, queryset)
        return (requests.matching(search_term) if search_term.strip() else requests), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> PromptRequest | None:
        identifier = identified_by(object_id)
        if identifier is None:
            return None
        rows = self.get_queryset(request).select_related("user", "prompt_type", "response")
        return rows.prefetch_related("attempts").filter(pk=identifier).first()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: PromptRequest | None = None,
    ) -> HttpResponse:
        context |= page_context(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:identifier>/cancel/", view(self.cancel_view), name="prompts_promptrequest_cancel"),
            path("<uuid:identifier>/replay/", view(self.replay_view), name="prompts_promptrequest_replay"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """End an unfinished request."""
        return self._carry_out(request, identifier, self._cancel)

    @method_decorator(require_POST)
    def replay_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Send the same input again, as the one who presses the button."""
        return self._carry_out(request, identifier, self._replay)

    def _carry_out(
        self,
        request: HttpRequest,
        identifier: UUID,
        action: Callable[[HttpRequest, PromptRequest], PromptRequest],
    ) -> HttpResponse:
        """Do `action` and show the request that it returns; a refusal is shown on the page it came from."""
        prompt_request = self.get_object(request, str(identifier))
        if prompt_request is None or not self.has_view_permission(request, prompt_request):
            raise Http404
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
        messages.success(request, _("The prompt was sent again. This is the new request."))
        return sent
