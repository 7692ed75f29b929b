"""Whether requests are being taken up, and what has been done so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from prompts.models.prompt_request import Status
from prompts.models.request_stat import DURATION_BOUNDS_MS
from prompts.services.statistics import DURATION_COLUMNS, REFUSED


def oldest_claimable_seconds() -> float:
    """How long the oldest request that could run has been waiting for a worker; 0 when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0)::float8 FROM prompt_requests"
            " WHERE status = 'pending' AND next_attempt_at <= now() AND NOT awaits_text"
        )
        (seconds,) = cursor.fetchone() or (0.0,)
    return float(seconds)


@dataclass(slots=True)
class ModelTotals:
    """What one model of one provider has done. Durations in seconds, by upper bound, not cumulative."""

    completed: int = 0
    failed_by_class: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cancelled: int = 0
    refused: int = 0
    duration_sum: float = 0.0
    durations: list[int] = field(default_factory=lambda: [0] * len(DURATION_BOUNDS_MS))
    tokens: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cost_usd: Decimal = Decimal(0)

    @property
    def finished(self) -> int:
        """How many requests have ended, in whatever way."""
        return self.completed + sum(self.failed_by_class.values()) + self.cancelled


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything since the installation began; `by_model` has provider and model, or OTHER_MODELS, as its key."""

    pending: int
    generating: int
    queue_age_seconds: float
    by_model: dict[tuple[str, str], ModelTotals]

    @property
    def accepted(self) -> int:
        """How many requests were ever accepted."""
        return self.pending + self.generating + sum(totals.finished for totals in self.by_model.values())


#: So many models stand for themselves, the most used ones: names may be made up by whoever sends requests. Use is taken
#: as a power of ten, and first used comes first, so that who is among them changes seldom.
MODELS_NAMED = 100
#: What all others of a provider are counted as. No model is called so: each has its provider in front.
OTHER_MODELS = "other"
_SUMS = ("count", "duration_ms_sum", "input_tokens", "cached_tokens", "output_tokens", "cost", *DURATION_COLUMNS)
# One statement, so one snapshot: a request that ends meanwhile is never counted twice, nor missed.
_TOTALS = f"""
    WITH unfinished AS (
        SELECT
            count(*) FILTER (WHERE status = 'pending') AS pending,
            count(*) FILTER (WHERE status = 'generating') AS generating,
            coalesce(extract(epoch FROM now() - min(next_attempt_at) FILTER (
                WHERE status = 'pending' AND next_attempt_at <= now() AND NOT awaits_text)), 0)::float8 AS queue_age
        FROM prompt_requests WHERE status IN ('pending', 'generating')
    ), ends AS (
        SELECT provider, model, outcome, error_class, min(hour) AS since,
            {", ".join(f"sum({name}) AS {name}" for name in _SUMS)}
        FROM request_stats GROUP BY provider, model, outcome, error_class
    ), places AS (
        SELECT provider, model, row_number() OVER (
            ORDER BY length(sum(count)::text) DESC, date_trunc('month', min(since), 'UTC'), provider, model) AS place
        FROM ends GROUP BY provider, model
    ), finished AS (
        SELECT provider, CASE WHEN place <= {MODELS_NAMED} THEN model ELSE '{OTHER_MODELS}' END AS model, outcome,
            error_class, {", ".join(f"sum({name})" for name in _SUMS)}
        FROM ends JOIN places USING (provider, model) GROUP BY 1, 2, 3, 4
    )
    SELECT * FROM unfinished LEFT JOIN finished ON true
"""  # noqa: S608 (names from this module)


def totals() -> Totals:
    """Counts of everything since the beginning, from one snapshot of the database."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        rows = cursor.fetchall()
    by_model: dict[tuple[str, str], ModelTotals] = defaultdict(ModelTotals)
    for _pending, _generating, _age, provider, model, outcome, error_class, *sums in rows:
        if provider is not None:
            _add(by_model[provider, model], outcome, error_class, sums)
    pending, generating, queue_age = rows[0][:3]
    return Totals(pending, generating, queue_age, dict(by_model))


def _add(totals: ModelTotals, outcome: str, error_class: str, sums: list[Decimal]) -> None:
    count = int(sums[0])
    match outcome:
        case Status.COMPLETED:
            totals.completed += count
            totals.duration_sum += float(sums[1]) / 1000
            totals.durations = [had + int(more) for had, more in zip(totals.durations, sums[6:], strict=True)]
        case Status.FAILED:
            totals.failed_by_class[error_class] += count
        case Status.CANCELLED:
            totals.cancelled += count
        case _ if outcome == REFUSED:
            totals.refused += count
    for kind, number in zip(("input", "cached", "output"), sums[2:5], strict=True):
        totals.tokens[kind] += int(number)
    totals.cost_usd += sums[5]
