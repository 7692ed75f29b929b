"""Figures of what ended, what waits, and what was activated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from prompts.models import PromptRequest
from prompts.services import lifecycle, statistics
from prompts.services.figures.activations import MOST_SHOWN, activations
from prompts.services.figures.ended import ended
from prompts.services.figures.percentiles import percentile
from prompts.services.figures.queue import queue
from prompts.services.figures.windows import window
from prompts.services.statistics import Ended
from prompts.tests.factories import make_request, make_user, make_version
from prompts.tests.stats import make_stat

NOON = datetime(2026, 3, 1, 12, 34, tzinfo=UTC)


def test_a_day_is_cut_into_24_hours_of_which_the_last_one_runs():
    day = window("24h", NOON)
    assert (len(day.starts), day.starts[0]) == (24, datetime(2026, 2, 28, 13, tzinfo=UTC))
    assert (day.starts[-1], day.end) == (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC))


def test_a_month_is_cut_into_days_that_begin_at_midnight():
    month = window("30d", NOON)
    assert (len(month.starts), month.starts[0]) == (30, datetime(2026, 1, 31, tzinfo=UTC))
    assert month.end == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "1y", "24H", "\0"])
def test_an_unknown_window_is_the_last_day(name: str):
    assert window(name, NOON).name == "24h"


def test_a_moment_falls_into_the_bucket_that_it_begins_or_lies_in():
    week = window("7d", NOON)
    assert [week.position(week.starts[2]), week.position(week.starts[2] - timedelta(seconds=1))] == [2, 1]
    assert [week.position(week.since - timedelta(days=9)), week.position(week.end)] == [0, 6]


def buckets(**counts: int) -> list[int]:
    """Counts by upper bound in milliseconds, such as `to_1000=5`."""
    return [counts.get(name.replace("duration_le_", "to_"), 0) for name in statistics.DURATION_COLUMNS]


def test_a_percentile_is_interpolated_inside_its_bucket():
    # Ten calls between 500 and 1,000 ms, as evenly spread as can be: half of them took up to 750.
    assert percentile(buckets(to_1000=10), 0, 0.5) == 750


def test_a_percentile_counts_what_lies_below_its_bucket():
    assert percentile(buckets(to_100=90, to_1000=10), 0, 0.95) == 750


def test_a_percentile_beyond_all_buckets_is_the_highest_bound():
    assert percentile(buckets(to_100=1), 99, 0.95) == 300_000


def test_there_is_no_percentile_of_nothing():
    assert percentile(buckets(), 0, 0.5) is None


def test_a_percentile_lies_in_the_bucket_of_the_true_one():
    durations = [7 * number % 4_000 + 1 for number in range(1_000)]
    bounds = [int(name.removeprefix("duration_le_")) for name in statistics.DURATION_COLUMNS]
    counts = [0] * len(bounds)
    for duration in durations:
        counts[next(place for place, bound in enumerate(bounds) if duration <= bound)] += 1
    true, estimated = sorted(durations)[949], percentile(counts, 0, 0.95)
    assert estimated is not None
    assert [true <= bound for bound in bounds] == [estimated <= bound for bound in bounds]


@pytest.mark.django_db
def test_what_ended_is_counted_by_outcome_model_and_hour():
    now = timezone.now()
    make_stat(now, count=3, cost="0.5", duration_le_1000=3)
    make_stat(now, count=1, outcome="failed", error_class="timeout")
    make_stat(now - timedelta(hours=2), count=2, model="simulator/other", duration_le_100=2)
    figures = ended(window("24h", now))
    assert (figures.total.completed, figures.total.failed, figures.total.cost) == (5, 1, Decimal("0.5"))
    assert (figures.by_bucket[-1].completed, figures.by_bucket[-3].completed) == (3, 2)
    assert figures.by_model["simulator/other"].median_ms == 50
    assert figures.by_model_and_bucket["simulator/default"][-1].failed_by_class == {"timeout": 1}
    assert figures.models == ["simulator/default", "simulator/other"]


@pytest.mark.django_db
def test_shards_and_types_of_one_hour_are_added_up():
    now = timezone.now()
    for shard, slug in [(0, "text"), (1, "text"), (1, "code")]:
        make_stat(now, shard=shard, prompt_type=slug, count=2)
    assert ended(window("7d", now)).by_bucket[-1].completed == 6


@pytest.mark.django_db
def test_what_ended_before_the_window_is_not_counted():
    now = timezone.now()
    make_stat(now - timedelta(hours=24), count=9)
    assert ended(window("24h", now)).total.completed == 0


@pytest.mark.django_db
def test_cancelled_and_refused_ones_are_no_failures():
    now = timezone.now()
    make_stat(now, count=3)
    make_stat(now, count=2, outcome="cancelled")
    make_stat(now, count=4, outcome="refused")
    make_stat(now, count=1, outcome="failed", error_class="auth")
    total = ended(window("24h", now)).total
    assert (total.cancelled, total.failed_share) == (2, 0.25)


@pytest.mark.django_db
def test_an_end_that_was_just_counted_is_in_the_last_hour():
    statistics.count([Ended("simulator", "simulator/default", "text", "completed", duration_ms=700)])
    assert ended(window("24h", timezone.now())).by_bucket[-1].slow_ms == 975


def wait_for(seconds: float, **values: Any) -> PromptRequest:
    """A request that could have run since so many seconds; less than none is later."""
    request = make_request(**values)
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=Now() - timedelta(seconds=seconds))
    return request


@pytest.mark.django_db
def test_the_queue_tells_due_deferred_and_awaiting_ones_apart():
    wait_for(5)
    wait_for(-3600)
    wait_for(5, awaits_text=True, prompt_text="")
    now = queue()
    assert (now.due, now.deferred, now.awaiting_text, now.in_flight) == (1, 1, 1, 0)


@pytest.mark.django_db
def test_the_queue_names_the_one_that_has_waited_longest():
    wait_for(10)
    oldest = wait_for(500)
    wait_for(900, awaits_text=True, prompt_text="")
    now = queue()
    assert (now.oldest, now.oldest_user) == (oldest.pk, oldest.user_id)
    assert now.waited == pytest.approx(500, abs=30)


@pytest.mark.django_db
def test_an_empty_queue_has_no_age():
    make_request(status="cancelled", finished_at=Now())
    assert (queue().due, queue().waited, queue().oldest) == (0, None, None)


@pytest.mark.django_db
def test_a_long_queue_is_counted_no_further_than_needed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("prompts.services.figures.queue.MOST_COUNTED", 2)
    for _number in range(3):
        wait_for(1)
    assert (queue().due, queue().is_capped) == (2, True)


@pytest.mark.django_db
def test_every_activation_is_told_also_of_a_version_that_was_active_before():
    user = make_user("ada")
    first, second = make_version(), make_version("Say {{input}} again.")
    for version in (first, second, first):
        lifecycle.activate_version("text", version.version_number, actor=user)
    told = activations(window("24h", timezone.now()))
    assert [activation.version for activation in told] == [first.pk, second.pk, first.pk]
    assert (told[0].name, told[0].actor) == (str(first), "ada")


@pytest.mark.django_db
def test_the_newest_activations_are_told():
    user, versions = make_user(), [make_version(), make_version("Say {{input}} again.")]
    for number in range(MOST_SHOWN + 3):
        lifecycle.activate_version("text", versions[number % 2].version_number, actor=user)
    told = activations(window("24h", timezone.now()))
    assert (len(told), told[-1].version) == (MOST_SHOWN, versions[(MOST_SHOWN + 2) % 2].pk)
    assert [activation.at for activation in told] == sorted(activation.at for activation in told)


@pytest.mark.django_db
def test_creating_a_version_is_no_activation():
    make_version()
    assert activations(window("24h", timezone.now())) == []
