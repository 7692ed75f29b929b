"""How far back the list of the log looks where no index knows which entries it shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from prompts.admin.windows import WindowedList, earliest, last_looked_at, picked_by

TARGET = "target_id"


class AuditList(WindowedList):
    """The list. Of several filters at once PostgreSQL follows the index of one and looks at each of its entries for the
    others, so it looks at the newest entries of the one that picks fewest.
    """

    time = "at"
    period = "at"

    def since(self, request: HttpRequest) -> datetime | None:
        """None for a search, and where an index leads just to what is shown: a single filter, or a single target."""
        chosen = list(self._chosen())
        if self.query or len(chosen) < 2 or TARGET in self.filter_params:
            return None
        leads = [self.in_period(picked_by(spec, self.root_queryset, request), request) for spec in chosen]
        return earliest(last_looked_at(rows, self.time) for rows in leads)

    def _chosen(self) -> Iterator[Any]:
        """The filters that are set, without the one by time."""
        for spec in self.filter_specs:
            values = [self.filter_params.get(str(name), [""])[-1] for name in spec.expected_parameters()]
            if any(values) and not self.is_period(spec):
                yield spec
