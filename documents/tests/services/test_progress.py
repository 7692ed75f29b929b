"""How far batches are, and how long they may still take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models.functions import Now

from documents.models import Batch
from documents.services import batches
from documents.services.progress import Progress, progress_of, progress_of_many
from documents.tests.batching import Answer, answers, drive_all, fails, make_batch, run, work
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document
from prompts.models import PromptRequest, PromptResponse
from prompts.services import submission
from prompts.tests.factories import completed, make_user

pytestmark = pytest.mark.django_db


def costing(cost: str | None) -> Answer:
    """A worker's call that costs so much."""

    def answer(claim: Any) -> Any:
        result = completed(claim)
        return type(result)(claim, 120, completion=result.completion, cost=None if cost is None else Decimal(cost))

    return answer


def ended_ago(batch: Batch, seconds: float) -> None:
    """As if all of its requests that have ended had done so that long ago."""
    ended = PromptRequest.objects.filter(batch_item__batch=batch, finished_at__isnull=False)
    ended.update(finished_at=Now() - timedelta(seconds=seconds))


def began_ago(batch: Batch, seconds: float) -> None:
    Batch.objects.filter(pk=batch.pk).update(resumed_at=Now() - timedelta(seconds=seconds))


def test_every_document_is_counted_where_it_is(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 4
    documents = [make_document() for _ in range(5)]
    batch = make_batch([*documents, make_waiting_document(), make_unreadable_document()])
    drive_all()
    work(answers("Fine."), limit=1)
    work(fails(), limit=1)
    submission.cancel(PromptRequest.objects.filter(status="pending")[0].pk)
    progress = progress_of(batch)
    assert replace(progress, seconds_left=None) == Progress(
        total=7, waiting=1, reading=1, asking=1, completed=1, failed=2, cancelled=1, cost=None
    )
    assert progress.ended == 4


def test_what_a_cancelled_batch_never_sent_is_cancelled() -> None:
    batch = make_batch([make_document(), make_waiting_document()])
    cancelled = batches.cancel(batch.pk, actor=make_user())
    assert (progress_of(cancelled).cancelled, progress_of(cancelled).ended) == (2, 2)


def test_the_cost_is_the_sum_of_those_that_are_known() -> None:
    batch = make_batch(3)
    drive_all()
    for cost in ("0.000000001", "1.5", None):
        work(costing(cost), limit=1)
    assert progress_of(batch).cost == Decimal("1.500000001")


def test_without_a_known_price_there_is_no_cost_instead_of_nought() -> None:
    assert progress_of(run(make_batch(1), costing(None))).cost is None


def test_the_time_left_follows_from_the_ends_of_the_last_minutes(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 4
    batch = make_batch(10)
    drive_all()
    work(answers("Fine."))
    began_ago(batch, 20)
    ended_ago(batch, 5)
    progress = progress_of(batch)
    assert progress.seconds_left == pytest.approx(30, abs=2)
    assert progress.per_minute == pytest.approx(12, abs=1)


def test_ends_of_long_ago_say_nothing_about_the_time_left(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 4
    batch = make_batch(10)
    drive_all()
    work(answers("Fine."))
    began_ago(batch, 3600)
    ended_ago(batch, 1800)
    progress = progress_of(batch)
    assert (progress.seconds_left, progress.per_minute) == (None, None)


def test_a_batch_that_sends_nothing_tells_no_time_left() -> None:
    batch = run(make_batch(5))
    assert progress_of(batch).seconds_left is None


def test_many_batches_take_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    batches_ = [run(make_batch(2)) for _ in range(4)]
    with django_assert_num_queries(1):
        found = progress_of_many(batches_)
    assert [found[batch.pk].completed for batch in batches_] == [2] * 4
    assert PromptResponse.objects.count() == 8


def test_its_few_rows_need_no_cursor_of_the_server() -> None:
    """Each has a name of its own, so psycopg would remember 128 statements that never come again."""
    batch = make_batch()
    with patch.object(connection, "chunked_cursor", autospec=True) as opened:
        progress_of(batch)
    assert not opened.called


def test_no_batches_have_no_progress(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert progress_of_many([]) == {}
