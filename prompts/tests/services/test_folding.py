"""Adding up the counts of the past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from prompts.models import RequestStat
from prompts.services import health, statistics
from prompts.services.statistics import DAYS_KEPT, HOURS_KEPT
from prompts.tests.stats import make_stat

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_ago() -> Any:
    """Noon of a day whose hours are not looked at any more."""
    return (timezone.now() - HOURS_KEPT - timedelta(days=2)).replace(hour=12)


def sums() -> dict[str, Any]:
    return RequestStat.objects.aggregate(**{f"all_{name}": Sum(name) for name in statistics.SUMS})


def test_the_shards_of_a_past_hour_become_one():
    yesterday = timezone.now() - timedelta(days=1)
    for shard in (0, 3, 7):
        make_stat(yesterday, shard=shard, count=2, cost=Decimal("0.25"), duration_le_500=2)
    statistics.fold()
    (row,) = RequestStat.objects.all()
    assert (row.shard, row.count, row.cost, row.duration_le_500) == (0, 6, Decimal("0.75"), 6)
    assert row.hour == yesterday.replace(minute=0, second=0, microsecond=0)


def test_the_hours_of_a_day_long_past_become_one(long_ago: Any):
    for hour in (0, 5, 23):
        make_stat(long_ago.replace(hour=hour), shard=hour % 3, count=1)
    statistics.fold()
    (row,) = RequestStat.objects.all()
    assert (row.count, row.hour.hour, row.hour.date()) == (3, 0, long_ago.date())


def test_the_days_of_a_month_long_past_become_one():
    long_past = (timezone.now() - DAYS_KEPT - timedelta(days=40)).replace(hour=12)
    for day, hour in ((1, 0), (9, 5), (9, 23), (28, 3)):
        make_stat(long_past.replace(day=day, hour=hour), count=1)
    statistics.fold()
    (row,) = RequestStat.objects.all()
    assert (row.count, row.hour) == (4, long_past.replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def test_the_days_of_the_last_year_stay_days(long_ago: Any):
    make_stat(timezone.now() - timedelta(days=365), count=1)
    make_stat(timezone.now() - timedelta(days=364), count=1)
    statistics.fold()
    assert RequestStat.objects.count() == 2


def test_this_hour_is_left_to_its_writers():
    make_stat(timezone.now(), shard=1)
    make_stat(timezone.now(), shard=2)
    assert statistics.fold() == 0
    assert RequestStat.objects.count() == 2


def test_what_differs_in_anything_but_its_shard_stays_apart(long_ago: Any):
    make_stat(long_ago, shard=1)
    make_stat(long_ago, shard=1, prompt_type="code")
    make_stat(long_ago, shard=2, outcome="failed", error_class="auth")
    make_stat(long_ago, shard=2, outcome="failed", error_class="timeout")
    make_stat(long_ago, shard=3, model="simulator/other")
    statistics.fold()
    assert RequestStat.objects.count() == 5


def test_no_count_gets_lost_however_often_it_is_done(long_ago: Any):
    for number in range(40):
        moment = timezone.now() - number**2 * timedelta(hours=10)
        make_stat(moment, shard=number % 4, count=number, input_tokens=number, cost=Decimal(number) / 7)
    before, totals = sums(), health.totals().by_model
    assert statistics.fold() > 0
    assert statistics.fold() == 0
    assert sums() == before
    assert health.totals().by_model == totals


def test_a_count_that_comes_late_is_added_to_what_was_folded(long_ago: Any):
    make_stat(long_ago, shard=1, count=2)
    statistics.fold()
    make_stat(long_ago, shard=1, count=3)
    statistics.fold()
    assert [row.count for row in RequestStat.objects.all()] == [5]


def count_late(moment: datetime) -> int:
    """Add one to each row of a past day, as somebody might who was frozen for hours. Returns how many were there."""
    late = 0
    for shard in range(8):
        for _again in range(10):
            late += RequestStat.objects.filter(hour=moment, shard=shard).update(count=F("count") + 1)
    connection.close()
    return late


def fold_often() -> None:
    for _time in range(10):
        statistics.fold()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_no_count_gets_lost_where_two_fold_while_another_counts(long_ago: Any):
    hour = long_ago.replace(minute=0, second=0, microsecond=0)
    for shard in range(8):
        for back in range(6):
            make_stat(hour - back * timedelta(hours=1), shard=shard, count=1)
    with ThreadPoolExecutor(3) as pool:
        late = pool.submit(count_late, hour)
        for folding in [pool.submit(fold_often), pool.submit(fold_often)]:
            folding.result()
    assert sums()["all_count"] == 48 + late.result()
