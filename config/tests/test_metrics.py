"""The numbers that Prometheus reads."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from audit import log
from audit.services import sealing
from documents.tests.factories import make_file
from prompts.services import execution, recording, recovery, submission
from prompts.services.execution import Result
from prompts.tests.factories import completed, failed, let_lease_run_out, make_request, make_user
from prompts.tests.stats import make_stat
from providers.base import Completion, FinishReason, Usage

pytestmark = pytest.mark.django_db(transaction=True)

SIMULATOR = {"provider": "simulator", "model": "simulator/default"}


def samples() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = Client().get("/metrics").content.decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float | None:
    return samples().get((name, frozenset(labels.items())))


def answered(duration_ms: int = 120, cost: Decimal | None = None) -> None:
    make_request()
    (claim,) = execution.claim(1, worker="w")
    usage = Usage(input_tokens=30, cached_tokens=10, output_tokens=5)
    completion = Completion(text="Hello.", model="default", finish_reason=FinishReason.STOP, usage=usage)
    recording.record([Result(claim, duration_ms, completion=completion, cost=cost)])


def test_an_empty_installation_has_accepted_nothing() -> None:
    assert value("prompts_accepted_total") == 0
    assert value("prompts_queue_age_seconds") == 0


def test_every_accepted_request_is_counted_once_wherever_it_stands() -> None:
    answered()
    make_request()
    execution.claim(1, worker="w")
    submission.cancel(make_request().pk)
    make_request()
    assert value("prompts_accepted_total") == 4
    assert value("prompts_pending") == 1
    assert value("prompts_in_flight") == 1
    assert value("prompts_completed_total", **SIMULATOR) == 1
    assert value("prompts_cancelled_total", **SIMULATOR) == 1


def test_failures_are_counted_by_class() -> None:
    make_request()
    (claim,) = execution.claim(1, worker="w")
    recording.record([failed(claim, error_class="auth")])
    assert value("prompts_failed_total", **SIMULATOR, error_class="auth") == 1


def test_a_late_result_is_counted_as_refused_and_not_as_accepted() -> None:
    request = make_request()
    (claim,) = execution.claim(1, worker="w")
    let_lease_run_out(request)
    recovery.sweep()
    recording.record([completed(claim)])
    assert value("prompts_late_results_refused_total", **SIMULATOR) == 1
    assert value("prompts_accepted_total") == 1


def test_durations_fall_into_cumulative_buckets_with_sum_and_count() -> None:
    for milliseconds in (80, 400, 400_000):
        answered(milliseconds)
    name = "prompts_request_duration_seconds_bucket"
    buckets = {le: value(name, **SIMULATOR, le=le) for le in ("0.1", "0.5", "300.0", "+Inf")}
    assert buckets == {"0.1": 1, "0.5": 2, "300.0": 2, "+Inf": 3}
    assert value("prompts_request_duration_seconds_count", **SIMULATOR) == 3
    assert value("prompts_request_duration_seconds_sum", **SIMULATOR) == pytest.approx(400.48)


def test_tokens_and_cost_add_up() -> None:
    answered(cost=Decimal("0.25"))
    answered(cost=Decimal("0.50"))
    tokens = {kind: value("prompts_tokens_total", **SIMULATOR, kind=kind) for kind in ("input", "cached", "output")}
    assert tokens == {"input": 60, "cached": 20, "output": 10}
    assert value("prompts_cost_usd_total", **SIMULATOR) == 0.75


def test_models_beyond_the_most_used_hundred_are_counted_as_others() -> None:
    for number in range(105):
        make_stat(timezone.now(), provider="simulator", model=f"simulator/m{number:03}", count=2)
    make_stat(timezone.now(), provider="simulator", model="simulator/used", count=10)
    make_stat(timezone.now(), provider="openai", model="openai/x", count=1, outcome="failed", error_class="auth")
    make_stat(timezone.now() - timedelta(days=60), provider="openai", model="openai/older", count=1)
    named = {dict(labels).get("model"): count for (name, labels), count in samples().items() if "completed" in name}
    assert len(named) == 101
    assert named["simulator/used"] == 10
    assert named["openai/older"] == 1
    assert named["other"] == 16
    assert value("prompts_failed_total", provider="openai", model="openai/x", error_class="auth") == 1
    assert value("prompts_accepted_total") == 222


def test_metrics_take_one_query_for_requests_one_for_documents_and_one_for_the_audit_log(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    answered()
    make_request(make_user())
    with django_assert_num_queries(3):
        samples()


def test_documents_that_wait_and_that_are_read_are_counted() -> None:
    for state in ("pending", "pending", "reading", "read", "failed"):
        make_file(state, queued_at=Now() - timedelta(seconds=60))
    assert (value("documents_unread"), value("documents_in_reading")) == (2, 1)
    assert 59 < (value("documents_oldest_unread_seconds") or 0) < 120


def test_the_audit_log_tells_how_far_it_is_sealed() -> None:
    before = value("audit_unsealed_entries")
    assert before is not None
    with transaction.atomic():
        log.append("test.done", actor=None)
    assert value("audit_unsealed_entries") == before + 1
    sealing.seal()
    assert (value("audit_unsealed_entries"), value("audit_chain_links")) == (0, before + 1)
    assert value("audit_oldest_unsealed_seconds") == 0


@pytest.mark.parametrize(
    ("header", "status"), [("", 401), ("Bearer wrong", 401), ("Bearer ก", 401), ("Bearer right", 200)]
)
def test_with_a_token_set_only_its_bearer_reads_metrics(settings: Any, header: str, status: int) -> None:
    settings.METRICS_TOKEN = "right"
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == status
