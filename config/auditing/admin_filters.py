"""Filters of the log in the console that stay cheap however long it grows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

from django.apps import apps
from django.contrib.admin import DateFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import origin
from audit.models import AuditEntry
from config.accounts import tokens
from config.auditing import accounts, logins, permissions
from prompts.admin.filters import ColumnFilter, InUseFilter
from prompts.services import lifecycle

ACCOUNTS = (
    *(accounts.CREATED, accounts.CHANGED, accounts.ACTIVATED, accounts.DEACTIVATED, accounts.DELETED),
    *(permissions.GROUP_CREATED, permissions.GROUP_CHANGED, permissions.GROUP_DELETED),
    *(tokens.CREATED, tokens.REVOKED, "token.created"),
)
#: Names of groups of actions, with what people call them.
GROUPS = {
    "activations": (_("Any activation of a version"), lifecycle.ACTIVATIONS),
    "sign_ins": (_("Any sign-in or lock-out"), (logins.SUCCEEDED, logins.LOCKED_OUT)),
    "accounts": (_("Any change of accounts, roles and tokens"), ACCOUNTS),
}
CHANNELS = (
    (origin.ADMIN, _("Console")),
    (origin.API, "API"),
    (origin.COMMAND, _("Command")),
    (origin.WORKER, _("Worker")),
)


class ActionFilter(InUseFilter):
    """By what was done; things that are one to people, though they have several names, come first."""

    title = _("action")
    parameter_name = "action"
    rows = AuditEntry

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        groups = [(name, label) for name, (label, _actions) in GROUPS.items()]
        return [*groups, *super().lookups(request, model_admin)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        group = GROUPS.get(self.value() or "")
        return queryset.filter(action__in=group[1]) if group else super().queryset(request, queryset)


class TargetFilter(InUseFilter):
    """By the kind of thing that it was done to."""

    title = _("target")
    parameter_name = "target_type"
    rows = AuditEntry

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [kind for kind, _kind in super().lookups(request, model_admin) if kind]
        return [(kind, _name_of(kind)) for kind in kinds]


def _name_of(kind: str) -> str:
    """What people call things of this kind; what no model is called any more keeps its name."""
    try:
        return capfirst(str(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind


def _moment(text: str) -> datetime:
    """The moment that stands in an address: a day's beginning, or a time. Raises IncorrectLookupParameters."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters from error


class PeriodFilter(DateFieldListFilter):
    """Django's choice of days, and any other from a day to a day. Days are those of UTC."""

    template = "admin/audit/period_filter.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext("time")
        given = cast(dict[str, list[str]], self.used_parameters)
        self.used_parameters = {name: [_moment(texts[-1])] for name, texts in given.items() if texts[-1]}

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Django's, with the inputs and the rest of the address, which has to be kept."""
        own = {self.lookup_kwarg_since, self.lookup_kwarg_until}
        kept = [
            (name, value) for name, values in changelist.filter_params.items() for value in values if name not in own
        ]
        inputs = [
            (self.lookup_kwarg_since, _("From"), self._day(self.lookup_kwarg_since)),
            (self.lookup_kwarg_until, _("Before"), self._day(self.lookup_kwarg_until)),
        ]
        for choice in super().choices(changelist):
            yield choice | {"kept": kept, "inputs": inputs}

    def _day(self, name: str) -> str:
        return str(self.date_params.get(name, ""))[:10]


class ChannelFilter(ColumnFilter):
    """By the interface that it came through."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, Any], ...]:
        return CHANNELS
