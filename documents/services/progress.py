"""How far batches are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q, Sum
from django.db.models.functions import Coalesce, Greatest, Now

from documents.models import Batch, BatchItem
from documents.models.batch import BatchState
from documents.services.outcomes import ENDED, outcome

#: The time left follows from what ended in this time.
WINDOW = timedelta(minutes=5)
#: With fewer ends than this the rate says nothing yet.
FEWEST_ENDS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of a batch's documents by where they are, what the answers cost, and how long the rest may take.

    `cost` is in US dollars, None where no answer has a known price. `per_minute`, how many documents end in a minute,
    and `seconds_left` are None where nothing tells.
    """

    total: int = 0
    waiting: int = 0
    reading: int = 0
    asking: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    cost: Decimal | None = None
    per_minute: float | None = None
    seconds_left: float | None = None

    @property
    def ended(self) -> int:
        """Documents of which nothing more will come."""
        return sum(getattr(self, name) for name in ENDED)


def progress_of(batch: Batch) -> Progress:
    """The progress of one batch, in one query."""
    return progress_of_many([batch])[batch.pk]


def progress_of_many(batches: Iterable[Batch]) -> dict[UUID, Progress]:
    """The progress of each, by id, in one query for all."""
    batches = list(batches)
    rows: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows([batch.pk for batch in batches]) if batches else ():
        rows[row["batch_id"]].append(row)
    return {batch.pk: _progress(batch, rows[batch.pk]) for batch in batches}


def _rows(ids: list[UUID]) -> Iterable[Any]:
    """A row for each batch and outcome: how many, their cost, and how many ended within which time until now."""
    since = Greatest(F("batch__resumed_at"), Now() - WINDOW)
    return (
        BatchItem.objects.filter(batch__in=ids)
        .order_by()
        .alias(since=since, ended_at=Coalesce("request__finished_at", "failed_at"))
        .values("batch_id", now=outcome())
        .annotate(
            count=Count("pk"),
            cost=Sum("request__response__cost"),
            lately=Count("pk", filter=Q(ended_at__gte=F("since"))),
            time=Max(ExpressionWrapper(Now() - since, output_field=DurationField())),
        )
    )


def _progress(batch: Batch, rows: list[dict[str, Any]]) -> Progress:
    counts = {row["now"]: row["count"] for row in rows}
    costs = [row["cost"] for row in rows if row["cost"] is not None]
    per_second = _per_second(batch, rows)
    left: int = sum(row["count"] for row in rows if row["now"] not in ENDED)
    return Progress(
        total=sum(counts.values()),
        **counts,
        cost=sum(costs, Decimal()) if costs else None,
        per_minute=per_second and per_second * 60,
        seconds_left=per_second and left / per_second,
    )


def _per_second(batch: Batch, rows: list[dict[str, Any]]) -> float | None:
    """Ends a second in the last minutes. None for a batch that sends nothing, or has hardly begun."""
    ends: int = sum(row["lately"] for row in rows if row["now"] in ENDED)
    if batch.state != BatchState.RUNNING or ends < FEWEST_ENDS:
        return None
    seconds: float = max(row["time"] for row in rows).total_seconds()
    return ends / seconds if seconds > 0 else None
