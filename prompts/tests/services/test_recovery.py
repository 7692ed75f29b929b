"""Requests whose worker is gone."""

from __future__ import annotations

import pytest

from prompts.models import RequestStat
from prompts.services import execution, recovery
from prompts.tests.factories import let_lease_run_out, make_request

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_whose_lease_ran_out_is_due_again() -> None:
    request = make_request()
    execution.claim(1, worker="w1")
    let_lease_run_out(request)
    assert recovery.sweep() == 1
    assert [claim.attempt for claim in execution.claim(1, worker="w2")] == [2]


def test_the_attempt_of_a_lost_worker_is_abandoned_not_forgotten() -> None:
    request = make_request()
    execution.claim(1, worker="w1")
    let_lease_run_out(request)
    recovery.sweep()
    attempt = request.attempts.get()
    assert (attempt.outcome, attempt.may_be_billed) == ("abandoned", True)


def test_a_lease_that_holds_is_left_alone() -> None:
    make_request()
    execution.claim(1, worker="w1")
    assert recovery.sweep() == 0


def test_a_request_that_loses_every_worker_fails_in_the_end(settings) -> None:
    settings.REQUEST_MAX_ATTEMPTS = 2
    request = make_request()
    for _ in range(2):
        execution.claim(1, worker="w1")
        let_lease_run_out(request)
        recovery.sweep()
    request.refresh_from_db()
    assert (request.status, request.error_class, request.attempt_count) == ("failed", "worker_lost", 2)
    assert RequestStat.objects.get().error_class == "worker_lost"


def test_a_released_request_is_due_at_once_even_at_its_last_attempt(settings) -> None:
    settings.REQUEST_MAX_ATTEMPTS = 1
    request = make_request()
    claims = execution.claim(1, worker="w1")
    assert recovery.release(claims) == 1
    request.refresh_from_db()
    assert (request.status, request.attempts.get().outcome) == ("pending", "abandoned")


def test_what_is_given_back_costs_a_request_none_of_its_attempts(settings) -> None:
    settings.REQUEST_MAX_ATTEMPTS = 2
    request = make_request()
    for _ in range(3):
        recovery.release(execution.claim(1, worker="w1"))
    execution.claim(1, worker="w2")
    let_lease_run_out(request)
    recovery.sweep()
    request.refresh_from_db()
    assert (request.status, request.attempt_count, request.attempts.count()) == ("pending", 4, 4)
    execution.claim(1, worker="w2")
    let_lease_run_out(request)
    recovery.sweep()
    request.refresh_from_db()
    assert (request.status, request.attempts.count()) == ("failed", 5)


def test_a_lease_that_has_changed_hands_is_not_released() -> None:
    request = make_request()
    claims = execution.claim(1, worker="w1")
    let_lease_run_out(request)
    recovery.sweep()
    execution.claim(1, worker="w2")
    assert recovery.release(claims) == 0
