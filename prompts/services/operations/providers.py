"""How the vendors do: what they answered and refused lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, Sum
from django.utils import timezone

from prompts.models import PromptRequest, RequestStat
from prompts.models.prompt_request import Status
from prompts.services.figures.ended import Tally
from prompts.services.statistics import DURATION_COLUMNS
from providers.exceptions import ErrorClass

HOUR = timedelta(hours=1)
#: How far back the last answer and the last failure are looked for.
LOOKED_BACK = timedelta(days=7)
#: Enough to see what is wrong; counting on would cost most when the queue is longest.
MOST_WAITING = 10_000
_KEY = ("provider", "outcome", "error_class")
_RECENT = ("count", "cost", "input_tokens", "output_tokens", *DURATION_COLUMNS)


@dataclass(slots=True)
class ProviderHealth:
    """A provider by its alias.

    `recent` counts what ended since `since`: in this hour and the one before. `last_answer` and `last_failure` are the
    hours in which there was one, None where there was none for a week. `waiting` are requests that wait for another
    attempt after this provider failed, by class.
    """

    alias: str
    is_configured: bool
    since: datetime
    recent: Tally = field(default_factory=Tally)
    last_answer: datetime | None = None
    last_failure: datetime | None = None
    last_error_class: str = ""
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def rate_limited_share(self) -> float | None:
        """The share of those that failed because there were too many."""
        tried = self.recent.completed + self.recent.failed
        return self.recent.failed_by_class[ErrorClass.RATE_LIMITED] / tried if tried else None

    @property
    def main_error_class(self) -> str:
        """What most of the recent failures were; empty where there were none."""
        return next((name for name, _number in self.recent.failed_by_class.most_common(1)), "")


def provider_health() -> list[ProviderHealth]:
    """Every provider that is configured, and every other one that was asked within the last week. Two queries."""
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - HOUR
    found = {alias: ProviderHealth(alias, True, since) for alias in settings.LLM_PROVIDERS}
    for row in _sums(since):
        health = found.setdefault(row["provider"], ProviderHealth(row["provider"], False, since))
        _add(health, row)
    for model, error_class in _waiting():
        health = found.setdefault(alias := model.partition("/")[0], ProviderHealth(alias, False, since))
        health.waiting[error_class] = health.waiting.get(error_class, 0) + 1
    return sorted(found.values(), key=lambda health: (not health.is_configured, health.alias))


def _sums(since: datetime) -> Iterable[dict[str, Any]]:
    """By provider, outcome and class: the recent sums, and the newest hour of the last week."""
    sums: dict[str, Any] = {f"sum_{name}": Sum(name, filter=Q(hour__gte=since), default=0) for name in _RECENT}
    rows = RequestStat.objects.filter(hour__gt=timezone.now() - LOOKED_BACK)
    grouped: Iterable[dict[str, Any]] = rows.values(*_KEY).annotate(**sums | {"newest": Max("hour")}).order_by()
    return grouped


def _add(health: ProviderHealth, row: dict[str, Any]) -> None:
    health.recent.add(row)
    newest = row["newest"]
    if row["outcome"] == Status.COMPLETED:
        health.last_answer = newest
    elif row["outcome"] == Status.FAILED and (health.last_failure is None or newest > health.last_failure):
        health.last_failure, health.last_error_class = newest, row["error_class"]


def _waiting() -> Iterable[tuple[str, str]]:
    waiting = PromptRequest.objects.filter(status=Status.PENDING).exclude(error_class="")
    return waiting.order_by().values_list("model", "error_class")[:MOST_WAITING]
