"""The state of the installation in Prometheus' text format, computed from the database: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from audit.services.state import chain_state
from documents.services.health import reading_queue
from prompts.models.request_stat import DURATION_BOUNDS_MS
from prompts.services.health import ModelTotals, Totals, totals

MODEL = ["provider", "model"]


def exposition() -> tuple[bytes, str]:
    """The metrics as they are now, and their content type."""
    registry = CollectorRegistry()
    registry.register(RequestCollector())
    registry.register(DocumentCollector())
    registry.register(AuditCollector())
    return generate_latest(registry), CONTENT_TYPE_LATEST


class RequestCollector(Collector):
    """Counts, ages, durations, tokens and cost of all requests."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric, from one snapshot."""
        now = totals()
        yield CounterMetricFamily("prompts_accepted", "Requests accepted.", value=now.accepted)
        yield GaugeMetricFamily("prompts_pending", "Requests waiting for a worker or their time.", value=now.pending)
        yield GaugeMetricFamily("prompts_in_flight", "Requests being run.", value=now.generating)
        yield GaugeMetricFamily(
            "prompts_queue_age_seconds", "Age of the oldest request that could run.", value=now.queue_age_seconds
        )
        yield from _ends(now)
        yield _durations(now)
        yield from _consumption(now)


class DocumentCollector(Collector):
    """How many documents wait to be read, and how long."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric, from one snapshot."""
        now = reading_queue()
        yield GaugeMetricFamily("documents_unread", "Documents waiting to be read.", value=now.waiting)
        yield GaugeMetricFamily("documents_in_reading", "Documents being read.", value=now.being_read)
        yield GaugeMetricFamily(
            "documents_oldest_unread_seconds", "Age of the oldest one that waits.", value=now.oldest_seconds
        )


class AuditCollector(Collector):
    """How far the audit log is sealed."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric, from one snapshot."""
        now = chain_state()
        yield GaugeMetricFamily("audit_chain_links", "Entries of the audit log with a place.", value=now.size)
        yield GaugeMetricFamily("audit_checkpoint_links", "How many are signed for.", value=now.checkpoint_size or 0)
        yield GaugeMetricFamily("audit_unsealed_entries", "Entries without a place yet.", value=now.waiting)
        yield GaugeMetricFamily(
            "audit_oldest_unsealed_seconds", "Age of the oldest one of them.", value=now.oldest_waiting_seconds
        )


def _ends(now: Totals) -> Iterator[Metric]:
    completed = CounterMetricFamily("prompts_completed", "Requests answered.", labels=MODEL)
    failed = CounterMetricFamily("prompts_failed", "Requests failed, by class.", labels=[*MODEL, "error_class"])
    cancelled = CounterMetricFamily("prompts_cancelled", "Requests cancelled.", labels=MODEL)
    refused = CounterMetricFamily(
        "prompts_late_results_refused", "Results that came after their lease had gone.", labels=MODEL
    )
    for model, sums in now.by_model.items():
        completed.add_metric(model, sums.completed)
        cancelled.add_metric(model, sums.cancelled)
        refused.add_metric(model, sums.refused)
        for error_class, count in sums.failed_by_class.items():
            failed.add_metric([*model, error_class], count)
    yield from (completed, failed, cancelled, refused)


def _durations(now: Totals) -> Metric:
    durations = HistogramMetricFamily("prompts_request_duration_seconds", "Duration of answered calls.", labels=MODEL)
    for model, sums in now.by_model.items():
        durations.add_metric(model, _buckets(sums), sums.duration_sum)
    return durations


def _buckets(sums: ModelTotals) -> list[tuple[str, float]]:
    bounds = [str(bound / 1000) for bound in DURATION_BOUNDS_MS]
    return [*zip(bounds, accumulate(sums.durations), strict=True), ("+Inf", sums.completed)]


def _consumption(now: Totals) -> Iterator[Metric]:
    tokens = CounterMetricFamily("prompts_tokens", "Tokens; input includes cached.", labels=[*MODEL, "kind"])
    cost = CounterMetricFamily("prompts_cost_usd", "Cost in USD, where the price is known.", labels=MODEL)
    for model, sums in now.by_model.items():
        cost.add_metric(model, float(sums.cost_usd))
        for kind, count in sums.tokens.items():
            tokens.add_metric([*model, kind], count)
    yield from (tokens, cost)
