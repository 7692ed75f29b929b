"""What has ended within a window: counts, durations and cost, out of `request_stats`."""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import DateTimeField, F, Sum
from django.db.models.functions import TruncDay

from prompts.models import RequestStat
from prompts.models.prompt_request import Status
from prompts.models.request_stat import DURATION_BOUNDS_MS
from prompts.services.figures.percentiles import percentile
from prompts.services.figures.windows import Window
from prompts.services.statistics import DURATION_COLUMNS

MEDIAN, SLOW = 0.5, 0.95
_SUMS = {f"sum_{name}": Sum(name) for name in ("count", "cost", "input_tokens", "output_tokens", *DURATION_COLUMNS)}
_DURATION_SUMS = tuple(f"sum_{name}" for name in DURATION_COLUMNS)
_KEY = ("bucket", "model", "outcome", "error_class")


@dataclass(slots=True)
class Tally:
    """Counts of some requests. Durations are of the calls that answered, cost is in US dollars."""

    completed: int = 0
    cancelled: int = 0
    failed_by_class: Counter[str] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    tokens: int = 0
    durations: list[int] = field(default_factory=lambda: [0] * len(DURATION_BOUNDS_MS))

    @property
    def failed(self) -> int:
        """How many failed, for whatever reason."""
        return self.failed_by_class.total()

    @property
    def failed_share(self) -> float | None:
        """The share of the failed among those that were not cancelled; None where there are none."""
        tried = self.completed + self.failed
        return self.failed / tried if tried else None

    @property
    def median_ms(self) -> int | None:
        """The duration that half of the answers did not exceed, estimated."""
        return self._percentile(MEDIAN)

    @property
    def slow_ms(self) -> int | None:
        """The duration that 95 % of the answers did not exceed, estimated."""
        return self._percentile(SLOW)

    def _percentile(self, share: float) -> int | None:
        return percentile(self.durations, max(0, self.completed - sum(self.durations)), share)

    def add(self, row: dict[str, Any]) -> None:
        """Count a row of sums."""
        count = int(row["sum_count"])
        match row["outcome"]:
            case Status.COMPLETED:
                self.completed += count
                added = (int(row[name]) for name in _DURATION_SUMS)
                self.durations = list(map(operator.add, self.durations, added))
            case Status.FAILED:
                self.failed_by_class[row["error_class"]] += count
            case Status.CANCELLED:
                self.cancelled += count
        self.cost += row["sum_cost"]
        self.tokens += int(row["sum_input_tokens"]) + int(row["sum_output_tokens"])

    def merge(self, other: Tally) -> None:
        """Count what another one has counted."""
        self.completed += other.completed
        self.cancelled += other.cancelled
        self.failed_by_class += other.failed_by_class
        self.cost += other.cost
        self.tokens += other.tokens
        if other.completed:
            self.durations = list(map(operator.add, self.durations, other.durations))


@dataclass(frozen=True, slots=True)
class Ended:
    """The same requests three times: all, by bucket of the window, and by model and bucket."""

    total: Tally
    by_bucket: list[Tally]
    by_model: dict[str, Tally]
    by_model_and_bucket: dict[str, list[Tally]]

    @property
    def models(self) -> list[str]:
        """The models, the most used first."""
        return sorted(self.by_model, key=lambda name: (-self._ends(name), name))

    def _ends(self, model: str) -> int:
        tally = self.by_model[model]
        return tally.completed + tally.failed + tally.cancelled


def ended(window: Window) -> Ended:
    """Everything that ended within the window, with one query."""
    return _tally(window, _sums(window))


def _sums(window: Window) -> Iterable[dict[str, Any]]:
    bucket = F("hour") if window.is_hourly else TruncDay("hour", output_field=DateTimeField())
    rows = RequestStat.objects.filter(hour__gte=window.since).annotate(bucket=bucket)
    summed: Iterable[dict[str, Any]] = rows.values(*_KEY).annotate(**_SUMS).order_by()
    return summed


def _tally(window: Window, rows: Iterable[dict[str, Any]]) -> Ended:
    by_both: dict[str, list[Tally]] = defaultdict(lambda: [Tally() for _start in window.starts])
    for row in rows:
        by_both[row["model"]][window.position(row["bucket"])].add(row)
    by_model = {model: _sum(tallies) for model, tallies in by_both.items()}
    by_bucket = [_sum(tallies) for tallies in zip(*by_both.values(), strict=True)] or [
        Tally() for _start in window.starts
    ]
    return Ended(_sum(by_model.values()), by_bucket, by_model, dict(by_both))


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total
