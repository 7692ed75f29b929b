"""Lists that look at the newest rows alone where no index knows which rows they show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from prompts.admin import display
from prompts.admin.base import LeanList

#: So many rows are looked at.
LOOKED_AT = 2_000


class WindowedList(LeanList):
    """A list that says since when it has looked for what its filters pick, and leads to what was before.

    `looked_at_since` is that time; None where the list has looked at all of history.
    """

    looked_at_since: datetime | None = None
    #: The lookup that leads from a row to the time that is meant.
    time: str = "created_at"
    #: The column that the filter by time is on.
    period: str = "created_at"

    def since(self, request: HttpRequest) -> datetime | None:
        """The time before which the list must not look; None unless a list of its own says otherwise."""
        return None

    def in_period(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Those of the rows that the filter by time picks."""
        for spec in self.filter_specs:
            if self.is_period(spec):
                rows = picked_by(spec, rows, request)
        return rows

    def is_period(self, spec: Any) -> bool:
        """Whether it is the filter by time."""
        return any(str(name).startswith(f"{self.period}__") for name in spec.expected_parameters())

    def get_results(self, request: HttpRequest) -> None:
        """Of the window alone; `queryset` stays what the filters pick of all of history, for who exports it."""
        picked = self.queryset
        self.looked_at_since = self.since(request)
        if self.looked_at_since:
            self.queryset = picked.filter(**{f"{self.time}__gte": self.looked_at_since})
        super().get_results(request)
        self.queryset = picked

    @property
    def name_shown(self) -> str:
        """What the rows are called, for as many as there are."""
        return str(self.opts.verbose_name if self.result_count == 1 else self.opts.verbose_name_plural)

    @property
    def since_shown(self) -> SafeString | None:
        """The time for people."""
        return display.moment(self.looked_at_since)

    @property
    def earlier(self) -> str:
        """The address of the same list of what was before."""
        assert self.looked_at_since
        before = self.looked_at_since.astimezone(UTC).isoformat()
        # Django has taken the number of the page away already, and what it removes here is whatever begins like that.
        return self.get_query_string({f"{self.time}__lt": before})


def picked_by(spec: Any, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """The rows that one filter picks."""
    picked: QuerySet[Any] | None = spec.queryset(request, rows)
    return rows if picked is None else picked


def last_looked_at(rows: QuerySet[Any], time: str = "created_at") -> datetime | None:
    """The time of the last of the rows that is looked at; None where they are no more than that."""
    newest = rows.order_by(f"-{time}", "-pk").values_list(time, flat=True)
    times = list(newest[LOOKED_AT - 1 : LOOKED_AT + 1])
    return times[0] if len(times) > 1 else None


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """The time of the filter with which the last row that is looked at is longest ago; None where one has few rows."""
    known = list(times)
    return None if None in known else min(filter(None, known))


def are_few(rows: QuerySet[Any]) -> bool:
    """Whether all of them may be looked at."""
    return rows.order_by().values("pk")[: LOOKED_AT + 1].count() <= LOOKED_AT
