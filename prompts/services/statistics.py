"""Counting the ends of requests, in the transaction that ends them."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from prompts.models import PromptRequest
from prompts.models.request_stat import DURATION_BOUNDS_MS

SHARDS = 16
REFUSED = "refused"
KEY = ("provider", "model", "prompt_type", "outcome", "error_class")
DURATION_COLUMNS = tuple(f"duration_le_{bound}" for bound in DURATION_BOUNDS_MS)
SUMS = (
    "count",
    "duration_ms_sum",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "cost",
    *DURATION_COLUMNS,
)

_COLUMNS = ", ".join(("hour", "shard", *KEY, *SUMS))
_ADDITIONS = ", ".join(f"{name} = request_stats.{name} + excluded.{name}" for name in SUMS)
_UPSERT = f"""
    INSERT INTO request_stats ({_COLUMNS})
    VALUES (date_trunc('hour', now()), {", ".join(["%s"] * (1 + len(KEY) + len(SUMS)))})
    ON CONFLICT (hour, shard, {", ".join(KEY)}) DO UPDATE SET {_ADDITIONS}
"""  # noqa: S608 (names from this module)
#: Of what is older, nobody looks at single hours; its days are those of UTC, as all times here are.
HOURS_KEPT = timedelta(days=3)
#: Of what is older, nobody looks at single days: months are enough for the totals, which so cost no more and more.
DAYS_KEPT = timedelta(days=400)
# Of what two hours ago is past, no writer waits for another any more: a transaction that old has long ended.
_FOLD = f"""
    WITH apart AS (
        DELETE FROM request_stats
        WHERE (shard <> 0 AND hour < date_trunc('hour', now()) - interval '2 hours')
        OR (hour < %(days_before)s AND hour <> date_trunc('day', hour, 'UTC'))
        OR (hour < %(months_before)s AND hour <> date_trunc('month', hour, 'UTC'))
        RETURNING CASE
            WHEN hour < %(months_before)s THEN date_trunc('month', hour, 'UTC')
            WHEN hour < %(days_before)s THEN date_trunc('day', hour, 'UTC')
            ELSE hour
        END AS since,
            {", ".join((*KEY, *SUMS))}
    )
    INSERT INTO request_stats ({_COLUMNS})
    SELECT since, 0, {", ".join((*KEY, *(f"sum({name})" for name in SUMS)))} FROM apart GROUP BY since, {", ".join(KEY)}
    ON CONFLICT (hour, shard, {", ".join(KEY)}) DO UPDATE SET {_ADDITIONS}
"""  # noqa: S608 (names from this module)


@dataclass(frozen=True, slots=True)
class Ended:
    """One end to count. Durations and tokens are of the answer, where there is one."""

    provider: str
    model: str
    prompt_type: str
    outcome: str
    error_class: str = ""
    duration_ms: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None

    @classmethod
    def without_answer(cls, request: PromptRequest, outcome: str, error_class: str = "") -> Ended:
        """The end of a request that no call gave an answer to."""
        provider = request.model.partition("/")[0]
        return cls(provider, request.model, request.prompt_type_id, outcome, error_class)

    @property
    def key(self) -> tuple[str, ...]:
        """What it is counted under."""
        return (self.provider, self.model, self.prompt_type, self.outcome, self.error_class)


def count(ends: Iterable[Ended]) -> None:
    """Add `ends` to the counts of this hour. Call it in the transaction that ends the requests."""
    sums = _sum(ends)
    if not sums:
        return
    shard = os.getpid() % SHARDS
    # Sorted, so that two transactions of one shard lock their rows in the same order.
    rows = [(shard, *key, *(sums[key][name] for name in SUMS)) for key in sorted(sums)]
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)


def fold() -> int:
    """Add up the shards of past hours, the hours of past days and the days of months long past, so that reading a month
    reads few rows, and reading everything not many.

    No count gets lost: one that comes late is added the next time. Returns the number of rows that were written.
    """
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = {"days_before": today - HOURS_KEPT, "months_before": (today - DAYS_KEPT).replace(day=1)}
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at a time could wait for each other's rows; whoever counts is not kept waiting by this lock.
        cursor.execute("LOCK TABLE request_stats IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute(_FOLD, bounds)
        return int(cursor.rowcount)


def _sum(ends: Iterable[Ended]) -> Mapping[tuple[str, ...], Mapping[str, Any]]:
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for end in ends:
        total: Any = sums[end.key]
        total["count"] += 1
        total["input_tokens"] += end.input_tokens or 0
        total["cached_tokens"] += end.cached_tokens or 0
        total["output_tokens"] += end.output_tokens or 0
        total["cost"] += end.cost or 0
        _add_duration(total, end.duration_ms)
    return sums


def _add_duration(total: Any, duration_ms: int | None) -> None:
    """Into the sum and its one bucket; what is longer than all bounds is in the count alone."""
    if duration_ms is None:
        return
    total["duration_ms_sum"] += duration_ms
    for bound in DURATION_BOUNDS_MS:
        if duration_ms <= bound:
            total[f"duration_le_{bound}"] += 1
            return
