"""`manage.py load_demo_data`."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from audit.models import AuditEntry
from prompts.models import PromptAttempt, PromptRequest, PromptResponse, PromptSeal, PromptVersion, RequestStat
from prompts.models.request_stat import DURATION_BOUNDS_MS
from prompts.rendering import render
from prompts.services import proving, sealing
from prompts.services.demo import loading
from prompts.services.health import totals
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_request, make_user
from prompts.tests.services.sealed import answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 100)
    monkeypatch.setattr(loading, "TEXTS", 5)
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def load(number: int = 300, *arguments: str) -> None:
    run("load_demo_data", "--requests", str(number), "--days", "3", *arguments)


def test_so_many_requests_of_the_last_days_have_come_and_ended() -> None:
    load(250)
    now = timezone.now()
    assert PromptRequest.objects.count() == 250
    assert not PromptRequest.objects.unfinished().exists()
    assert not PromptRequest.objects.filter(created_at__lt=now - timedelta(days=3, hours=1)).exists()
    assert not PromptRequest.objects.filter(finished_at__gt=now).exists()


def test_each_is_marked_as_simulated_and_as_demo() -> None:
    load()
    assert not PromptRequest.objects.exclude(simulated=True, metadata__demo=True, purpose__startswith="Demo").exists()
    assert not PromptResponse.objects.exclude(simulated=True).exists()


def test_nobody_can_sign_in_as_one_of_its_people() -> None:
    load()
    people = get_user_model().objects.filter(prompt_requests__isnull=False).distinct()
    assert len(people) > 1
    assert not any(user.is_active or user.has_usable_password() for user in people)


def test_the_counts_are_those_of_the_requests() -> None:
    load()
    ends = Counter(PromptRequest.objects.values_list("status", flat=True))
    counted = dict(RequestStat.objects.values_list("outcome").annotate(Sum("count")).order_by())
    assert counted == dict(ends)
    assert totals().accepted == 300


def test_tokens_cost_and_durations_are_those_of_the_answers() -> None:
    load()
    answers = PromptResponse.objects.aggregate(
        Sum("input_tokens"), Sum("output_tokens"), Sum("cost"), Sum("duration_ms")
    )
    stats = RequestStat.objects.filter(outcome="completed").aggregate(
        Sum("input_tokens"), Sum("output_tokens"), Sum("cost"), Sum("duration_ms_sum")
    )
    assert list(stats.values()) == list(answers.values())
    assert bucketed() == expected_buckets()


def bucketed() -> list[int]:
    columns = [f"duration_le_{bound}" for bound in DURATION_BOUNDS_MS]
    sums = RequestStat.objects.filter(outcome="completed").aggregate(**{name: Sum(name) for name in columns})
    return list(sums.values())


def expected_buckets() -> list[int]:
    durations = list(PromptResponse.objects.values_list("duration_ms", flat=True))
    lower = [-1, *DURATION_BOUNDS_MS]
    return [sum(low < took <= high for took in durations) for low, high in zip(lower, DURATION_BOUNDS_MS, strict=False)]


def test_each_request_has_the_attempts_that_it_counts() -> None:
    load()
    made = Counter(PromptAttempt.objects.values_list("request", flat=True))
    assert made == Counter({row.pk: row.attempt_count for row in PromptRequest.objects.all() if row.attempt_count})


def test_an_attempt_lies_between_the_beginning_and_the_end_of_its_request() -> None:
    load()
    attempts = PromptAttempt.objects.select_related("request")
    assert attempts
    for attempt in attempts:
        request = attempt.request
        assert attempt.ended_at is not None
        assert request.finished_at is not None
        assert request.created_at <= attempt.started_at < attempt.ended_at <= request.finished_at


def test_a_prompt_is_what_its_version_makes_of_its_variables() -> None:
    load()
    requests = PromptRequest.objects.select_related("version")
    assert requests
    for request in requests:
        assert request.version is not None
        assert render(request.version.template, request.variables or {}) == request.prompt_text


def test_the_texts_are_of_three_languages() -> None:
    load()
    texts = " ".join(PromptRequest.objects.values_list("variables__input", flat=True))
    assert [word for word in ("The ", "การ", "في") if word not in texts] == []


def test_the_same_seed_gives_the_same_texts_and_another_one_others() -> None:
    load(100, "--seed", "3")
    load(100, "--seed", "3")
    load(100, "--seed", "4")
    texts = Counter(PromptResponse.objects.values_list("response_text", flat=True))
    both = [text for text, number in texts.items() if number >= 2]
    assert len(both) >= len(texts) / 3


def test_types_and_versions_are_made_once() -> None:
    load(20)
    versions = PromptVersion.objects.count()
    load(20)
    assert PromptVersion.objects.count() == versions


def test_each_batch_stands_in_the_audit_log() -> None:
    load(250)
    contents = AuditEntry.objects.filter(action="demo_data.loaded").order_by("at").values_list("content", flat=True)
    assert sorted(int(content.partition('"requests":')[2].partition(",")[0]) for content in contents) == [50, 100, 100]


def test_answers_are_sealed_in_their_turn_where_nothing_was_sealed_before() -> None:
    load()
    sealing.seal_answers()
    assert sealing.unsealed_answers() == []
    assert sum(PromptSeal.objects.values_list("size", flat=True)) == PromptResponse.objects.count()


def test_answers_older_than_the_last_seal_are_sealed_at_once() -> None:
    answered(3)
    sealing.seal_answers()
    load(300, "--force")
    sealing.seal_answers()
    assert sealing.unsealed_answers() == []
    assert sum(PromptSeal.objects.values_list("size", flat=True)) == PromptResponse.objects.count()


def test_an_invented_request_can_be_proved_like_any_other() -> None:
    load(50)
    sealing.seal_answers()
    answer = PromptResponse.objects.first()
    assert answer is not None
    assert proving.prove(answer.prompt_id)["facts"]["response_id"] == str(answer.pk)


def test_where_there_are_real_requests_it_refuses() -> None:
    make_request()
    assert refusal("load_demo_data").returncode == 2
    assert PromptRequest.objects.count() == 1


def test_with_force_it_goes_on_all_the_same() -> None:
    make_request()
    load(10, "--force")
    assert PromptRequest.objects.count() == 11


def test_an_account_of_that_name_that_somebody_uses_is_left_alone() -> None:
    make_user("demo.ann", password="a long and quiet river 7")
    assert "demo.ann" in str(refusal("load_demo_data", "--requests", "10"))
    assert not PromptRequest.objects.exists()


def test_stopped_halfway_it_leaves_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*arguments: Any) -> int:
        if PromptRequest.objects.count() >= 200:
            raise KeyboardInterrupt
        return original(*arguments)

    original = loading._write
    monkeypatch.setattr(loading, "WRITERS", 1)
    monkeypatch.setattr(loading, "_write", write)
    assert refusal("load_demo_data", "--requests", "1000", "--days", "3").returncode == 130
    assert PromptRequest.objects.count() == 200
    assert totals().accepted == 200


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "٣", "99999999999"])
def test_a_number_that_makes_no_sense_is_refused(number: str) -> None:
    assert "whole number" in str(refusal("load_demo_data", f"--requests={number}"))


def test_what_was_written_stays_as_it_is() -> None:
    load(10)
    with pytest.raises(Exception, match="can not be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE prompt_requests SET prompt_text = 'x'")
