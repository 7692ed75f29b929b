"""Filters of the log in the console that stay cheap however long it grows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit import origin
from audit.models import AuditEntry
from prompts.admin.filters import ColumnFilter, InUseFilter

CHANNELS = (
    (origin.ADMIN, _("Console")),
    (origin.API, "API"),
    (origin.COMMAND, _("Command")),
    (origin.WORKER, _("Worker")),
)


class ActionFilter(InUseFilter):
    """By what was done."""

    title = _("action")
    parameter_name = "action"
    rows = AuditEntry


class ChannelFilter(ColumnFilter):
    """By the interface that it came through."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, Any], ...]:
        return CHANNELS
