"""The audit log in the console: looked at, by those who manage everything and by auditors, and never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from config.auditing.admin_filters import ActionFilter, ChannelFilter, PeriodFilter, TargetFilter
from config.auditing.checking import CheckingPages
from config.auditing.display import entry_context, log_context, place, target
from config.auditing.exporting import ExportPages
from config.auditing.windows import AuditList
from prompts.admin import display
from prompts.admin.filters import UserFilter
from prompts.admin.search import identified_by

#: The largest number of digits that fits a place in the chain (bigint).
SEQ_DIGITS = 18


class AuditEntryAdmin(CheckingPages, ExportPages):
    """`system.manage_all` and the permission to view audit entries open it; nothing allows a change."""

    long_columns = ("content", "content_hash", "link__prev_hash", "link__hash")
    list_select_related = ("link",)
    sortable_by = ("time",)
    fields = ()
    lookups = frozenset(
        {"action", "channel", "actor__exact", "target_type", "target_id", "at__gte", "at__lt"},
    )
    search_fields = ("id",)
    search_help_text = _("The id of an entry, or its number in the chain")

    @admin.display(description=_("at"), ordering="at")
    def time(self, entry: AuditEntry) -> SafeString | None:
        return display.moment(entry.at)

    @admin.display(description=_("actor"))
    def who(self, entry: AuditEntry) -> SafeString | str:
        return format_html("<bdi>{}</bdi>", entry.actor_label) if entry.actor_label else "-"

    @admin.display(description=_("action"))
    def what(self, entry: AuditEntry) -> SafeString:
        return display.code(entry.action)

    @admin.display(description=_("channel and address"))
    def where_from(self, entry: AuditEntry) -> SafeString:
        return display.lines(display.code(entry.channel), display.code(entry.address) if entry.address else "")

    @admin.display(description=_("number"))
    def seq(self, entry: AuditEntry) -> SafeString:
        return place(entry)

    @property
    def media(self) -> forms.Media:
        """With what the filter by actor needs."""
        return super().media + AutocompleteSelect(AuditEntry._meta.get_field("actor"), self.admin_site).media

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AuditList]:
        return AuditList

    def get_list_display(self, request: HttpRequest) -> Any:
        @admin.display(description=_("target"))
        def to_what(entry: AuditEntry) -> SafeString | str:
            return target(entry, request)

        return ("time", "who", "what", to_what, "where_from", "seq")

    def get_list_filter(self, request: HttpRequest) -> Any:
        actors = (("actor", UserFilter),) if request.user.has_perm("system.view_user") else ()
        return (ActionFilter, ("at", PeriodFilter), *actors, TargetFilter, ChannelFilter)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if text.isascii() and text.isdigit() and len(text) <= SEQ_DIGITS:
            return queryset.filter(link__seq=int(text)), False
        identifier: UUID | None = identified_by(text)
        return (queryset.filter(pk=identifier) if identifier else queryset.none()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | log_context(request))

    def context_of(self, request: HttpRequest, row: AuditEntry) -> dict[str, Any]:
        return entry_context(row, request)
