"""Responses: the list and the page of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from prompts.admin import display
from prompts.admin.base import HistoryAdmin, sees_all
from prompts.admin.search import identified_by
from prompts.admin.windows import WindowedList, last_looked_at
from prompts.models import PromptRequest, PromptResponse

#: The time that somebody's own answers are looked through by: an index leads to their requests, none to the answers.
ASKED = "prompt__created_at"


class ResponseList(WindowedList):
    """The list. Of one's own those to the newest requests; simulated ones, or others, among the newest answers."""

    def since(self, request: HttpRequest) -> datetime | None:
        if self.query:
            return None
        if not sees_all(request):
            self.time = ASKED
            return last_looked_at(self._own_requests(request))
        chosen = "simulated__exact" in self.filter_params
        return last_looked_at(self.in_period(self.root_queryset, request)) if chosen else None

    def _own_requests(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.in_period(PromptRequest.objects.filter(user=request.user.pk), request)
        before = parse_datetime(str(self.filter_params.get(f"{ASKED}__lt", [""])[-1]))
        return rows.filter(created_at__lt=before) if before else rows


@admin.register(PromptResponse)
class PromptResponseAdmin(HistoryAdmin[PromptResponse]):
    """Looking at answers."""

    owner = "prompt__user"
    long_columns = ("response_text", "prompt__prompt_text", "prompt__parameters", "prompt__metadata")
    list_display = (
        "identifier",
        "request",
        "user",
        "model_name",
        "finish_reason",
        "input_tokens",
        "output_tokens",
        "duration",
        "amount",
        "created",
    )
    list_select_related = ("prompt__user",)
    list_filter = ("created_at", ("simulated", admin.BooleanFieldListFilter))
    lookups = frozenset({"simulated__exact", "created_at__gte", "created_at__lt", f"{ASKED}__lt"})
    sortable_by = ("created",)
    search_fields = ("id",)
    search_help_text = _("The whole id of a response or of its request")
    fieldsets = (
        (None, {"fields": ("request", "user", "created", "answer")}),
        (
            _("Call"),
            {"fields": ("provider", "model_name", "finish_reason", "duration", "provider_request_id")},
        ),
        (
            _("Tokens and cost"),
            {"fields": ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "amount")},
        ),
    )
    readonly_fields = ("request", "user", "created", "answer", "model_name", "duration", "amount")

    @admin.display(description=_("id"))
    def identifier(self, response: PromptResponse) -> SafeString:
        return display.code(display.short_id(response.pk), title=str(response.pk))

    @admin.display(description=_("request"))
    def request(self, response: PromptResponse) -> SafeString:
        return display.request_link(response.prompt_id)

    @admin.display(description=_("user"))
    def user(self, response: PromptResponse) -> str:
        return response.prompt.user.get_username()

    @admin.display(description=_("created at"), ordering="created_at")
    def created(self, response: PromptResponse) -> SafeString | None:
        return display.moment(response.created_at)

    @admin.display(description=_("answer"))
    def answer(self, response: PromptResponse) -> SafeString:
        if response.prompt.texts_erased_at is not None:
            return display.erased(response.prompt)
        return display.long_text(response.response_text, request_id=response.prompt_id)

    @admin.display(description=_("model as reported"))
    def model_name(self, response: PromptResponse) -> SafeString:
        return display.model(response.model, simulated=response.simulated)

    @admin.display(description=_("duration"))
    def duration(self, response: PromptResponse) -> str:
        return display.duration(response.duration_ms) or "-"

    @admin.display(description=_("cost (USD)"))
    def amount(self, response: PromptResponse) -> str:
        return display.money(response.cost) or "-"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ResponseList]:
        return ResponseList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PromptResponse], search_term: str
    ) -> tuple[QuerySet[PromptResponse], bool]:
        if not search_term.strip():
            return queryset, False
        identifier = identified_by(search_term)
        if identifier is None:
            return queryset.none(), False
        return queryset.filter(Q(pk=identifier) | Q(prompt_id=identifier)), False
