"""What is past its time goes, in small batches that may end anywhere, and nothing else does."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEntry
from prompts.models import PromptRequest, PromptResponse, PromptType, RequestStat, RetentionProgress
from prompts.services import retention, sealing, submission
from prompts.services.retention import FACTS_DELETED, TEXTS_ERASED
from prompts.tests.factories import make_request, make_user
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def kind(**days: Any) -> PromptType:
    PromptType.objects.filter(slug="text").update(**days)
    return PromptType.objects.get(slug="text")


def old(number: int, *, days: int = 10) -> list[PromptRequest]:
    """Sealed requests that were made so many days ago, each a second after the one before."""
    requests = answered(number)
    sealing.seal_answers()
    for place, request in enumerate(requests):
        moment = request.created_at - timedelta(days=days) + timedelta(seconds=place)
        as_owner("UPDATE prompt_requests SET created_at = %s WHERE id = %s", [moment, request.pk])
    return requests


def erased() -> int:
    return PromptRequest.objects.filter(texts_erased_at__isnull=False).count()


def purge(of: PromptType, **options: Any) -> list[int]:
    return [done.number for done in retention.purge(of, **options)]


def told(action: str) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(action=action).order_by("at")
    return [json.loads(entry.content)["details"] for entry in entries]


def test_without_a_term_everything_stays() -> None:
    old(1, days=10_000)
    assert retention.kinds() == []
    assert purge(kind()) == []
    assert retention.purge_all() == 0
    assert erased() == 0


def test_texts_past_their_time_are_erased_and_younger_ones_stay() -> None:
    old(2, days=8)
    young = old(1, days=6)[0]
    assert purge(kind(keep_texts_days=7)) == [2]
    assert erased() == 2
    assert PromptRequest.objects.get(pk=young.pk).prompt_text


def test_each_batch_tells_the_log_which_requests_and_no_text() -> None:
    requests = old(3)
    assert purge(kind(keep_texts_days=7), batch=2) == [2, 1]
    entries = told(TEXTS_ERASED)
    assert [entry["requests"] for entry in entries] == [2, 1]
    assert entries[0] == {
        "prompt_type": "text", "requests": 2, "days": 7, "first": str(requests[0].pk), "last": str(requests[1].pk)
    }  # fmt: skip
    assert not AuditEntry.objects.filter(content__contains=requests[0].prompt_text).exists()


def test_a_limit_ends_it_and_the_next_call_goes_on() -> None:
    old(5)
    assert purge(kind(keep_texts_days=7), batch=2, limit=3) == [2, 1]
    assert purge(kind(keep_texts_days=7)) == [2]
    assert purge(kind(keep_texts_days=7)) == []


def test_what_a_killed_purge_has_begun_is_done_by_the_next() -> None:
    old(3)
    purging = retention.purge(kind(keep_texts_days=7), batch=1)
    next(purging)
    del purging
    assert purge(kind(keep_texts_days=7)) == [2]


def test_a_batch_that_fails_erases_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    old(1)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the log is away")

    with monkeypatch.context() as broken:
        broken.setattr("audit.log.append", fail)
        with pytest.raises(RuntimeError, match="away"):
            purge(kind(keep_texts_days=7))
    assert erased() == 0
    assert not RetentionProgress.objects.exists()
    assert purge(kind(keep_texts_days=7)) == [1]


def test_an_unfinished_request_is_left_alone_and_erased_once_it_has_ended() -> None:
    waiting = make_request()
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '20 days' WHERE id = %s", [waiting.pk])
    PromptRequest.objects.filter(pk=waiting.pk).update(next_attempt_at="2100-01-01T00:00Z")
    old(2)
    assert purge(kind(keep_texts_days=7)) == [2]
    PromptRequest.objects.filter(pk=waiting.pk).update(status="cancelled", finished_at=waiting.created_at)
    assert purge(kind(keep_texts_days=7)) == [1]


def test_an_answer_that_is_not_sealed_is_erased_after_it_was() -> None:
    (request,) = answered()
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '20 days' WHERE id = %s", [request.pk])
    old_enough = kind(keep_texts_days=7)
    assert sum(purge(old_enough)) == 0
    sealing.seal_answers()
    assert sum(purge(old_enough)) == 1


def test_what_another_purge_holds_is_passed_over_and_not_waited_for() -> None:
    requests = old(2)
    with transaction.atomic():
        PromptRequest.objects.select_for_update().get(pk=requests[0].pk)
        done: list[Any] = []

        def beside() -> None:
            try:
                done.append(purge(kind(keep_texts_days=7)))
            finally:
                connection.close()

        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
    assert done == [[1]]
    assert purge(kind(keep_texts_days=7)) == [1]


def test_the_next_run_does_not_read_again_what_is_erased() -> None:
    requests = old(5)
    of = kind(keep_texts_days=7)
    purge(of)
    last = PromptRequest.objects.get(pk=requests[-1].pk).created_at
    assert RetentionProgress.objects.get(prompt_type=of).texts_erased_until == last


def test_facts_past_their_time_go_with_their_texts_and_are_still_counted() -> None:
    old(2)
    counted = RequestStat.objects.count()
    assert counted
    assert purge(kind(keep_facts_days=7)) == [2]
    assert not PromptRequest.objects.exists()
    assert not PromptResponse.objects.exists()
    assert RequestStat.objects.count() == counted
    assert [entry["requests"] for entry in told(FACTS_DELETED)] == [2]


def test_texts_that_go_while_their_facts_have_to_stay_are_told_to_the_log() -> None:
    replayed, gone = old(2)
    submission.replay(PromptRequest.objects.get(pk=replayed.pk), user=make_user())
    assert purge(kind(keep_facts_days=7)) == [1]
    assert [entry["first"] for entry in told(FACTS_DELETED)] == [str(gone.pk)]
    assert [entry["first"] for entry in told(TEXTS_ERASED)] == [str(replayed.pk)]
    assert PromptRequest.objects.get(pk=replayed.pk).prompt_text == ""


def test_texts_go_first_and_facts_later() -> None:
    old(1, days=40)
    old(1, days=10)
    assert purge(kind(keep_texts_days=7, keep_facts_days=30)) == [1, 1]
    assert PromptRequest.objects.count() == erased() == 1


def test_the_scheduler_takes_only_so_many_a_run() -> None:
    old(3)
    kind(keep_texts_days=7)
    assert retention.purge_all(limit=2) == 2
    assert retention.purge_all(limit=2) == 1


def test_no_type_waits_for_ever_behind_one_that_has_too_much() -> None:
    requests = old(4)
    other = PromptType.objects.create(slug="zz_last", label="Last", keep_texts_days=7)
    as_owner("UPDATE prompt_requests SET prompt_type = 'zz_last' WHERE id = %s", [requests[-1].pk])
    kind(keep_texts_days=7)
    assert retention.purge_all(limit=2) == 2
    assert PromptRequest.objects.get(prompt_type=other).texts_erased_at is not None
    assert retention.purge_all(limit=50) == 2


def test_counting_changes_nothing() -> None:
    old(2)
    of = kind(keep_texts_days=7, keep_facts_days=9)
    assert retention.count_due(of) == {FACTS_DELETED: 2, TEXTS_ERASED: 0}
    assert erased() == 0


def test_what_is_counted_is_what_is_purged() -> None:
    old(2, days=30)
    old(3, days=10)
    of = kind(keep_texts_days=7, keep_facts_days=20)
    assert retention.count_due(of) == {FACTS_DELETED: 2, TEXTS_ERASED: 3}
    assert purge(of) == [2, 3]


@pytest.mark.parametrize("days", [{"keep_texts_days": 0}, {"keep_texts_days": 30, "keep_facts_days": 7}])
def test_a_term_that_makes_no_sense_can_not_be_stored(days: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        kind(**days)


def test_a_batch_reads_an_index_and_not_all_of_history() -> None:
    """Of a type that has few of the requests, as PostgreSQL knows; of three rows any index is as good."""
    old(3)
    PromptType.objects.create(slug="other", label="Other")
    user = make_user("of many")
    PromptRequest.objects.bulk_create(
        PromptRequest(user=user, prompt_type_id="other", model="simulator/default", prompt_text="Hello.")
        for _ in range(300)
    )
    # As old as the others: else their age would pick the three as well.
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '30 days'")
    values: dict[str, Any] = {
        "slug": "text",
        "after": "-infinity",
        "after_id": retention.FIRST,
        "days": 7,
        "batch": 500,
    }
    statement = retention._DUE.format(condition=retention._HAVE_TEXTS) + retention._LOCKED
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE prompt_requests")
        cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
        cursor.execute("EXPLAIN " + statement, values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_sort")
    assert "prompt_request_type_list" in plan
    assert "Sort" not in plan
