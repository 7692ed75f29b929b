"""How far back a list of requests looks where no single index knows which rows it shows.

An index leads to the newest requests of one user, one type, one model, and so on. Of two filters at once, PostgreSQL
follows one and looks at each of its rows for the other: with ten million requests, at hundreds of thousands for a page.
So the list looks at the newest rows of the filter that picks fewest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from prompts.admin.base import sees_all
from prompts.admin.windows import WindowedList, are_few, earliest, last_looked_at, picked_by
from prompts.models import PromptRequest
from prompts.models.prompt_request import UNFINISHED

#: Parameters that an index leads by, newest first. Of those with few values, for the values where one does.
LEADING = frozenset({"prompt_type__slug__exact", "model", "version", "user__exact", "error_class"})
LEADING_IF = {"status__exact": frozenset({"failed", "cancelled"}), "is_sandbox__exact": frozenset({"1"})}
#: Its index leads to failed ones and to those that will be tried again.
INEXACT = "error_class"
#: No index has these in order, but one tells whether they are few.
SIMULATED = "simulated__exact"


class RequestWindow:
    """What the address of a list asks for, and how much of history that makes PostgreSQL look at."""

    def __init__(self, changelist: WindowedList, request: HttpRequest) -> None:
        self.changelist = changelist
        self.request = request
        self.is_own = not sees_all(request)
        self.specs = {str(name): spec for spec in changelist.filter_specs for name in spec.expected_parameters()}
        known = changelist.model_admin.lookups
        chosen = {name: str(values[-1]) for name, values in changelist.filter_params.items() if name in known}
        self.chosen = {
            name: value for name, value in chosen.items() if value and not name.startswith(f"{changelist.period}__")
        }
        self.leading = [name for name in self.chosen if self._leads(name)]

    def since(self) -> datetime | None:
        """The time before which the list does not look; None where it looks at all that it may show."""
        if self.changelist.query or self._is_hot() or self._is_indexed() or self._is_seldom():
            return None
        leads = [self._picked(name) for name in self.leading]
        if self.is_own or not leads:
            leads.append(self.changelist.in_period(self.changelist.root_queryset, self.request))
        return earliest(map(last_looked_at, leads))

    def _leads(self, name: str) -> bool:
        led = name in LEADING or self.chosen[name] in LEADING_IF.get(name, ())
        return led and name in self.specs

    def _is_hot(self) -> bool:
        """Whether only what has not ended is shown, which is never much, however long the history."""
        return self.chosen.get("status__exact") in UNFINISHED

    def _is_indexed(self) -> bool:
        """Whether one index holds just the rows that are shown."""
        if self.is_own or not self.chosen:
            return not self.chosen
        return list(self.chosen) == self.leading and len(self.chosen) == 1 and INEXACT not in self.chosen

    def _is_seldom(self) -> bool:
        """Whether simulated, or real, requests are asked for and there are few."""
        return SIMULATED in self.chosen and SIMULATED in self.specs and are_few(self._picked(SIMULATED))

    def _picked(self, name: str) -> QuerySet[Any]:
        """The rows of everybody that this filter picks, in the list's period."""
        rows = picked_by(self.specs[name], PromptRequest.objects.all(), self.request)
        return self.changelist.in_period(rows, self.request)
