"""`manage.py requeue_stale`."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from prompts.models import PromptRequest
from prompts.services import execution, recovery
from prompts.tests.factories import let_lease_run_out, make_request, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def requeue() -> str:
    output = io.StringIO()
    call_command("requeue_stale", stdout=output)
    return output.getvalue()


def make_stale(number: int) -> None:
    user = make_user()
    requests = [make_request(user) for _ in range(number)]
    execution.claim(number, worker="gone")
    for request in requests:
        let_lease_run_out(request)


def test_requests_of_lost_workers_return_to_the_queue() -> None:
    make_stale(2)
    assert requeue() == "Returned to the queue: 2 requests.\n"
    assert set(PromptRequest.objects.values_list("status", flat=True)) == {"pending"}


def test_more_requests_than_one_sweep_takes_are_all_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "BATCH", 2)
    make_stale(5)
    assert requeue() == "Returned to the queue: 5 requests.\n"


def test_a_request_whose_worker_lives_is_left_alone() -> None:
    make_request()
    execution.claim(1, worker="alive")
    assert requeue() == "Returned to the queue: 0 requests.\n"
    assert PromptRequest.objects.get().status == "generating"
