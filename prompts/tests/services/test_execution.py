"""Claim, heartbeat and record against real PostgreSQL."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from prompts.models import PromptAttempt, PromptRequest, PromptResponse, RequestStat
from prompts.services import execution, recording, recovery, submission
from prompts.services.execution import Claim
from prompts.tests.factories import (
    completed,
    failed,
    let_lease_run_out,
    make_due,
    make_request,
    make_user,
    make_version,
)
from providers.base import Completion, FinishReason, Usage

pytestmark = pytest.mark.django_db(transaction=True)


def reread(requests: list[PromptRequest]) -> list[PromptRequest]:
    """The rows as they are now, in the same order."""
    for request in requests:
        request.refresh_from_db()
    return requests


def claim_one() -> Claim:
    (claim,) = execution.claim(10, worker="w1")
    return claim


def test_a_claim_takes_the_oldest_due_requests_up_to_the_limit() -> None:
    user = make_user()
    requests = [make_request(user) for _ in range(3)]
    assert [claim.request_id for claim in execution.claim(2, worker="w1")] == [requests[0].id, requests[1].id]


def test_a_claim_leaves_requests_alone_whose_time_has_not_come() -> None:
    make_request(next_attempt_at=timezone.now() + timedelta(minutes=5))
    assert execution.claim(10, worker="w1") == []


def test_a_claim_leaves_requests_alone_that_wait_for_their_text() -> None:
    make_request(awaits_text=True, prompt_text="")
    assert execution.claim(10, worker="w1") == []


def test_a_try_out_has_a_time_limit_of_its_own(settings) -> None:
    settings.REQUEST_DEADLINE_SECONDS, settings.SANDBOX_DEADLINE_SECONDS, settings.LEASE_SECONDS = 600, 120, 60
    requests = [make_request(), make_request(is_sandbox=True, version=make_version())]
    assert [claim.deadline for claim in execution.claim(10, worker="w1")] == [600, 120]
    ends = [row.deadline_at - row.started_at for row in reread(requests) if row.deadline_at and row.started_at]
    assert [round(end.total_seconds()) for end in ends] == [660, 180]


def test_a_claim_writes_the_attempt_down_before_the_call() -> None:
    request = make_request()
    claim_one()
    attempt = PromptAttempt.objects.get(request=request)
    assert (attempt.number, attempt.worker, attempt.outcome, attempt.ended_at) == (1, "w1", "", None)


def test_a_claim_moves_the_request_to_generating_under_a_lease() -> None:
    request = make_request()
    claim = claim_one()
    request.refresh_from_db()
    assert (request.status, request.lease_token, request.leased_by) == ("generating", claim.token, "w1")
    assert request.lease_expires_at is not None


def test_a_claim_carries_what_the_call_needs() -> None:
    make_request(parameters={"temperature": 0.5}, prompt_text="สวัสดี مرحبا")
    claim = claim_one()
    assert (claim.prompt_text, claim.parameters, claim.attempt) == ("สวัสดี مرحبا", {"temperature": 0.5}, 1)


def test_simultaneous_claims_never_share_a_request() -> None:
    user = make_user()
    for _ in range(40):
        make_request(user)

    def take(number: int) -> list[Claim]:
        try:
            return execution.claim(10, worker=f"w{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        claims = [claim for taken in threads.map(take, range(8)) for claim in taken]
    assert len(claims) == len({claim.request_id for claim in claims}) == 40


def test_no_claim_is_made_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        execution.claim(1, worker="w1")


def test_a_completed_call_completes_the_request() -> None:
    request = make_request()
    recording.record([completed(claim_one())])
    request.refresh_from_db()
    assert (request.status, request.error_class, request.lease_expires_at) == ("completed", "", None)
    assert request.finished_at is not None


def test_the_answer_is_kept_with_duration_tokens_and_cost() -> None:
    request = make_request()
    claim = claim_one()
    usage = Usage(input_tokens=10, cached_tokens=4, output_tokens=5, reasoning_tokens=2)
    completion = Completion("Hi", "default-1", FinishReason.LENGTH, usage, "req_1")
    recording.record([execution.Result(claim, 321, completion=completion, cost=Decimal("0.000123"))])
    response = PromptResponse.objects.get(prompt=request)
    assert (response.response_text, response.model, response.finish_reason) == ("Hi", "default-1", "length")
    assert (
        response.input_tokens,
        response.cached_tokens,
        response.output_tokens,
        response.reasoning_tokens,
    ) == (10, 4, 5, 2)
    assert (response.duration_ms, response.cost, response.provider_request_id) == (
        321,
        Decimal("0.000123"),
        "req_1",
    )
    assert (response.provider, response.simulated) == ("simulator", True)


def test_a_completed_call_closes_its_attempt() -> None:
    request = make_request()
    recording.record([completed(claim_one(), provider_request_id="req_9")])
    attempt = request.attempts.get()
    assert (attempt.outcome, attempt.provider_request_id) == ("succeeded", "req_9")
    assert attempt.ended_at is not None


def test_a_late_result_is_refused_and_writes_nothing() -> None:
    request = make_request()
    late = claim_one()
    let_lease_run_out(request)
    recovery.sweep()
    current = claim_one()
    assert recording.record([completed(late, "late")]) == [late]
    assert not PromptResponse.objects.exists()
    assert recording.record([completed(current, "current")]) == []
    assert PromptResponse.objects.get().response_text == "current"


def test_a_late_result_is_refused_also_beside_the_present_one_of_the_same_request() -> None:
    request = make_request()
    late = claim_one()
    let_lease_run_out(request)
    recovery.sweep()
    present = claim_one()
    assert recording.record([completed(late, "late"), failed(present)]) == [late]
    request.refresh_from_db()
    assert (request.status, PromptResponse.objects.count()) == ("pending", 0)
    assert [attempt.outcome for attempt in request.attempts.order_by("number")] == ["abandoned", "failed"]


def test_a_refused_result_is_counted() -> None:
    make_request()
    claim = claim_one()
    submission.cancel(claim.request_id)
    recording.record([completed(claim)])
    assert RequestStat.objects.get(outcome="refused").count == 1


def test_a_result_told_twice_is_written_once() -> None:
    make_request()
    claim = claim_one()
    recording.record([completed(claim)])
    assert recording.record([completed(claim)]) == [claim]
    assert PromptResponse.objects.count() == 1


def test_one_refused_result_leaves_the_others_of_its_batch_alone() -> None:
    user = make_user()
    make_request(user)
    make_request(user)
    stolen, kept = execution.claim(2, worker="w1")
    submission.cancel(stolen.request_id)
    assert recording.record([completed(stolen), completed(kept)]) == [stolen]
    assert PromptResponse.objects.get().prompt_id == kept.request_id


def test_a_retryable_failure_frees_the_request_for_later() -> None:
    request = make_request()
    claim = claim_one()
    recording.record([failed(claim, "rate_limited", retry_after=3600)])
    request.refresh_from_db()
    assert (request.status, request.error_class, request.finished_at) == ("pending", "rate_limited", None)
    assert request.next_attempt_at > timezone.now() + timedelta(seconds=3500)
    assert request.lease_token > claim.token


def test_a_final_failure_says_why() -> None:
    request = make_request()
    recording.record([failed(claim_one(), "auth", http_status=401, provider_request_id="req_2")])
    request.refresh_from_db()
    assert (request.status, request.error_class, request.error_message) == (
        "failed",
        "auth",
        "It did not work.",
    )
    attempt = request.attempts.get()
    assert (attempt.outcome, attempt.http_status, attempt.provider_request_id) == ("failed", 401, "req_2")


@pytest.mark.parametrize(
    ("error_class", "calls"), [("overloaded", 6), ("timeout", 4), ("stream_truncated", 3), ("auth", 1)]
)
def test_each_class_of_failure_is_retried_as_often_as_it_should(error_class: str, calls: int) -> None:
    request = make_request()
    for _ in range(calls):
        make_due(request)
        recording.record([failed(claim_one(), error_class)])
    request.refresh_from_db()
    assert (request.status, request.attempt_count) == ("failed", calls)


def test_a_timeout_is_marked_as_possibly_billed() -> None:
    request = make_request()
    recording.record([failed(claim_one(), "timeout")])
    assert request.attempts.get().may_be_billed


def test_a_call_that_was_cancelled_is_marked_as_possibly_billed() -> None:
    request = make_request()
    claim_one()
    submission.cancel(request.id)
    assert request.attempts.get().may_be_billed


def test_text_that_passed_the_content_filter_is_kept() -> None:
    request = make_request()
    claim = claim_one()
    partial = Completion("Half of it", "default", FinishReason.CONTENT_FILTER)
    recording.record(
        [execution.Result(claim, 9, completion=partial, failure=execution.Failure("content_filter", "Blocked."))]
    )
    request.refresh_from_db()
    assert (request.status, request.response.response_text) == ("failed", "Half of it")


def test_characters_that_postgresql_can_not_hold_do_not_lose_the_answer() -> None:
    make_request()
    recording.record([completed(claim_one(), "a\x00b\ud800c")])
    assert PromptResponse.objects.get().response_text == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_ends_are_counted_by_hour_model_and_duration() -> None:
    user = make_user()
    make_request(user)
    make_request(user)
    recording.record([completed(claim) for claim in execution.claim(2, worker="w1")])
    stat = RequestStat.objects.get()
    assert (stat.provider, stat.model, stat.outcome, stat.count) == (
        "simulator",
        "simulator/default",
        "completed",
        2,
    )
    assert (stat.duration_le_250, stat.duration_le_100, stat.duration_ms_sum, stat.input_tokens) == (
        2,
        0,
        240,
        6,
    )


def test_a_heartbeat_renews_the_lease() -> None:
    request = make_request()
    claim = claim_one()
    PromptRequest.objects.filter(pk=request.pk).update(lease_expires_at=timezone.now() + timedelta(seconds=2))
    assert execution.heartbeat([claim]) == set()
    request.refresh_from_db()
    assert request.lease_expires_at is not None
    assert request.lease_expires_at > timezone.now() + timedelta(seconds=30)


def test_a_heartbeat_tells_which_leases_are_lost() -> None:
    request = make_request()
    claim = claim_one()
    submission.cancel(request.id)
    assert execution.heartbeat([claim]) == {claim.lease}


def test_a_heartbeat_tells_the_lost_lease_of_a_request_from_the_present_one() -> None:
    request = make_request()
    lost = claim_one()
    let_lease_run_out(request)
    recovery.sweep()
    assert execution.heartbeat([lost, claim_one()]) == {lost.lease}


def test_a_call_that_has_just_reached_its_deadline_may_still_be_written_down(settings) -> None:
    settings.REQUEST_DEADLINE_SECONDS = 0.01
    make_request()
    claim = claim_one()
    time.sleep(0.05)
    assert execution.heartbeat([claim]) == set()


def test_a_call_past_its_deadline_is_no_longer_kept_alive() -> None:
    request = make_request()
    claim = claim_one()
    PromptRequest.objects.filter(pk=request.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert execution.heartbeat([claim]) == {claim.lease}


def test_each_failed_attempt_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    request = make_request()
    recording.record([failed(claim_one(), "auth")])
    assert f"Request {request.id}: attempt 1 to ask simulator/default failed (auth: It did not work.)" in caplog.text
