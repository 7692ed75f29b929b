"""The page and what can be done on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from prompts import powers
from prompts.admin import display
from prompts.admin.home import words
from prompts.admin.operations import rows
from prompts.admin.operations.choice import Choice, chosen_ids, failed_context
from prompts.admin.operations.parts import Inspect
from prompts.admin.operations.state import look
from prompts.admin.operations.verdict import findings
from prompts.exceptions import InvalidInput
from prompts.services.operations import retrying
from prompts.services.operations.retrying import Retried

TEMPLATES = "admin/prompts/operations"


class OperationsPages:
    """The page at `/admin/operations/`, for who may do everything. `inspect` looks at the parts of other apps."""

    def __init__(self, site: AdminSite, inspect: Inspect) -> None:
        self._site = site
        self._inspect = inspect

    def urls(self) -> list[URLPattern]:
        """To be put in front of the site's own."""
        view = self._site.admin_view
        return [
            path("operations/", view(self.page), name="operations"),
            path("operations/retry/", view(self.retry), name="operations_retry"),
        ]

    @method_decorator([require_safe, never_cache])
    def page(self, request: HttpRequest) -> HttpResponse:
        """All of it, or for htmx what changes by itself."""
        _check(request)
        if getattr(request, "htmx", False):
            return TemplateResponse(request, f"{TEMPLATES}/now.html", self._now())
        context = self._site.each_context(request) | self._now() | failed_context(Choice.of(request.GET))
        return TemplateResponse(request, f"{TEMPLATES}/page.html", context | {"title": _("Operations")})

    @method_decorator(require_POST)
    def retry(self, request: HttpRequest) -> HttpResponse:
        """Send the chosen requests again, and say what became of each."""
        _check(request)
        if ids := chosen_ids(request.POST):
            _retry(request, ids)
        else:
            messages.warning(request, _("Nothing was chosen."))
        return HttpResponseRedirect(Choice.of(request.POST).address())

    def _now(self) -> dict[str, Any]:
        state = look(self._inspect)
        return {
            "at": display.moment(timezone.now()),
            "findings": findings(state),
            "tiles": rows.tiles(state),
            "parts": state.parts,
            "workers": rows.worker_rows(state.workers),
            "providers": rows.provider_rows(state.providers),
            "since": words.moment(state.providers[0].since) if state.providers else "",
        }


def _check(request: HttpRequest) -> None:
    if not powers.manages_all(request.user):
        raise PermissionDenied


def _retry(request: HttpRequest, ids: Sequence[UUID]) -> None:
    try:
        outcome = retrying.retry_failed(ids, actor=request.user)
    except InvalidInput as error:
        messages.error(request, str(error.message))
        return
    _tell(request, outcome)


def _tell(request: HttpRequest, outcome: Retried) -> None:
    """How many were sent, and of the others why not."""
    if number := len(outcome.sent):
        text = ngettext("%(number)s request was sent again.", "%(number)s requests were sent again.", number)
        messages.success(request, text % {"number": words.count(number)})
    for reason, ids in outcome.refused.items():
        text = ngettext("%(number)s was not: %(reason)s", "%(number)s were not: %(reason)s", len(ids))
        messages.warning(request, text % {"number": words.count(len(ids)), "reason": reason})
