"""Requests: the list, the page of one, and what can be done with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prompts.admin import display, request_search, version_display
from prompts.admin.base import sees_all, sees_versions
from prompts.admin.filters import ErrorClassFilter, ModelFilter, SimulatedFilter, UserFilter, VersionFilter
from prompts.admin.period_filter import PeriodFilter
from prompts.admin.request_actions import RequestActions
from prompts.admin.request_comparison import RequestComparisons
from prompts.admin.request_exports import RequestExports
from prompts.admin.request_page import page_context
from prompts.admin.request_proof import RequestProofs
from prompts.admin.request_window import RequestWindow
from prompts.admin.search import identified_by, with_short_id
from prompts.admin.windows import WindowedList
from prompts.models import PromptRequest
from prompts.querysets import PromptRequestQuerySet
from prompts.services import searching

#: What no page of requests shows of a version.
VERSION_COLUMNS = tuple(f"version__{column}" for column in version_display.LONG_COLUMNS)


class RequestList(WindowedList):
    """The list, with the places where the words stand that it was searched for."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        self.search_notes = request_search.notes(request)
        return rows.annotate(**request_search.places(self.query)) if self.query else rows

    def since(self, request: HttpRequest) -> datetime | None:
        return RequestWindow(self, request).since()


@admin.register(PromptRequest)
class PromptRequestAdmin(RequestActions, RequestProofs, RequestComparisons, RequestExports):
    """Looking at requests, cancelling and replaying them, comparing, proving and exporting them."""

    owner = "user"
    long_columns = (
        *("prompt_text", "parameters", "metadata", "variables", "response__response_text"),
        *VERSION_COLUMNS,
    )
    previews: ClassVar = {"beginning": Left("prompt_text", display.PREVIEW_CHARACTERS)}
    fields = ()
    list_display = (
        "identifier",
        "created",
        "state",
        "user",
        "prompt",
        "model_and_type",
        "duration_and_cost",
    )
    list_select_related = ("user", "prompt_type", "response", "version")
    sortable_by = ("created",)
    search_fields = ("id",)
    search_help_text = gettext_lazy("Words of prompt and purpose, or of the answer; or an id, short or whole")
    actions = ("compare_selected",)
    change_list_template = "admin/prompts/promptrequest/change_list.html"
    lookups = frozenset(
        {
            "status__exact",
            "prompt_type__slug__exact",
            "model",
            "version",
            "user__exact",
            "simulated__exact",
            "is_sandbox__exact",
            "error_class",
            "created_at__gte",
            "created_at__lt",
        }
    )

    @admin.display(description=gettext_lazy("id"))
    def identifier(self, request: PromptRequest) -> SafeString:
        return display.code(display.short_id(request.pk), title=str(request.pk))

    @admin.display(description=gettext_lazy("created at"), ordering="created_at")
    def created(self, request: PromptRequest) -> SafeString | None:
        return display.moment(request.created_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, request: PromptRequest) -> SafeString:
        error = display.code(request.error_class) if request.error_class else ""
        often = _("Attempts: %(number)s") % {"number": request.attempt_count} if request.attempt_count > 1 else ""
        return display.lines(display.badge(request.status, request.get_status_display()), error, often)

    @admin.display(description=gettext_lazy("prompt and purpose"))
    def prompt(self, request: PromptRequest) -> SafeString:
        beginning = display.preview(getattr(request, "beginning", ""))
        shown = format_html("<bdi>{}</bdi>", beginning) if request.texts_erased_at is None else display.erased(request)
        return display.lines(
            shown,
            display.preview(request.purpose),
            request_search.marked(getattr(request, "place_in_text", None)),
            request_search.marked(getattr(request, "place_in_answer", None)),
        )

    @admin.display(description=gettext_lazy("model and type"))
    def model_and_type(self, request: PromptRequest) -> SafeString:
        shown = display.model(request.model, simulated=request.simulated)
        return display.lines(shown, request.prompt_type, _use(request))

    @admin.display(description=gettext_lazy("duration, cost (USD)"))
    def duration_and_cost(self, request: PromptRequest) -> SafeString | None:
        if not hasattr(request, "response"):
            return None
        return display.lines(display.duration(request.response.duration_ms), display.money(request.response.cost))

    @property
    def media(self) -> forms.Media:
        """With what the filter by user needs."""
        field = PromptRequest._meta.get_field("user")
        return super().media + AutocompleteSelect(field, self.admin_site).media

    def get_list_filter(self, request: HttpRequest) -> Any:
        models = (ModelFilter,) if sees_all(request) else ()
        users = (("user", UserFilter),) if sees_all(request) and request.user.has_perm("system.view_user") else ()
        kinds = (("is_sandbox", admin.BooleanFieldListFilter), ("simulated", SimulatedFilter))
        period = ("created_at", PeriodFilter)
        return ("status", ErrorClassFilter, "prompt_type", *models, period, *kinds, VersionFilter, *users)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RequestList]:
        return RequestList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PromptRequest], search_term: str
    ) -> tuple[QuerySet[PromptRequest], bool]:
        identifier = identified_by(search_term)
        if identifier is not None:
            return queryset.filter(pk=identifier), False
        if ids := with_short_id(queryset, search_term):
            return queryset.filter(pk__in=ids), False
        if not search_term.strip():
            return queryset, False
        rows = cast(PromptRequestQuerySet, queryset)
        found = searching.find(rows, search_term)
        request_search.remember(request, found)
        return found.among(rows), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> PromptRequest | None:
        identifier = identified_by(object_id)
        if identifier is None:
            return None
        rows = (
            self.get_queryset(request)
            .select_related("user", "prompt_type", "response", "version")
            .defer(*VERSION_COLUMNS)
        )
        return rows.prefetch_related("attempts").filter(pk=identifier).first()

    def context_of(self, request: HttpRequest, row: PromptRequest) -> dict[str, Any]:
        replays = self.get_queryset(request).filter(replay_of=row)
        return page_context(row, replays, with_versions=sees_versions(request))


def _use(request: PromptRequest) -> SafeString | str:
    """Which version it used, if any, and whether it only tried something out."""
    if request.version is None:
        return version_display.sandbox_mark(request.is_sandbox)
    return version_display.use(request.version, is_sandbox=request.is_sandbox)
