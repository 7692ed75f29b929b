"""A request that waits for its text: it comes once, or it turns out that it never will."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from prompts.exceptions import InvalidInput, NoActiveVersion
from prompts.models import PromptRequest, PromptVersion, RequestStat
from prompts.services import awaited, execution, lifecycle, submission
from prompts.services.health import oldest_claimable_seconds
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(version: PromptVersion | None = None, **given: Any) -> PromptRequest:
    version = version or make_version("Read {{input}}.")
    values: dict[str, Any] = {"user": make_user(), "prompt_type": "text", "version_number": version.version_number}
    return submission.submit_awaiting(**values | given)


def now(request: PromptRequest) -> PromptRequest:
    request.refresh_from_db()
    return request


def failures() -> list[tuple[str, int]]:
    return list(RequestStat.objects.filter(outcome="failed").values_list("error_class", "count"))


def test_no_worker_takes_it_and_nothing_calls_it_late() -> None:
    request = waiting()
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=request.created_at)
    assert (now(request).awaits_text, request.prompt_text, request.status) == (True, "", "pending")
    assert (execution.claim(1, worker="w"), oldest_claimable_seconds()) == ([], 0)


def test_with_its_text_it_is_run_as_if_sent_now() -> None:
    request = waiting()
    assert awaited.provide(request.pk, {"input": "this"})
    assert (now(request).prompt_text, request.variables, request.awaits_text) == (
        "Read this.",
        {"input": "this"},
        False,
    )
    assert oldest_claimable_seconds() < 5
    (claim,) = execution.claim(1, worker="w")
    assert (claim.request_id, claim.prompt_text) == (request.pk, "Read this.")


def test_its_text_comes_once() -> None:
    request = waiting()
    assert awaited.provide(request.pk, {"input": "one"})
    assert not awaited.provide(request.pk, {"input": "two"})
    assert not awaited.refuse(request.pk, "unreadable_document", "No.")
    assert now(request).prompt_text == "Read one."


def test_of_many_who_bring_it_at_once_one_does() -> None:
    request = waiting()

    def bring(number: int) -> bool:
        try:
            return awaited.provide(request.pk, {"input": str(number)})
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(bring, range(6))) == 1


def test_a_text_that_never_comes_ends_it_with_the_reason() -> None:
    request = waiting()
    assert awaited.refuse(request.pk, "unreadable_document", "It is locked.")
    assert (now(request).status, request.error_class, request.error_message) == (
        "failed",
        "unreadable_document",
        "It is locked.",
    )
    assert request.finished_at is not None
    assert failures() == [("unreadable_document", 1)]


def test_a_try_out_whose_text_never_comes_shows_on_its_version() -> None:
    version = make_version("Read {{input}}.")
    awaited.refuse(waiting(version, is_sandbox=True).pk, "unreadable_document", "It is locked.")
    version.refresh_from_db()
    assert "It is locked." in str(version.test_result_json)
    assert version.last_tested_at is not None


@pytest.mark.parametrize("variables", [{}, {"input": "x", "other": "y"}, {"input": "x" * (1 << 21)}])
def test_variables_that_can_not_be_filled_in_end_it(variables: dict[str, str]) -> None:
    request = waiting()
    assert awaited.provide(request.pk, variables)
    assert (now(request).status, request.error_class, request.awaits_text) == ("failed", "invalid_input", True)


def test_a_cancelled_one_gets_no_text() -> None:
    request = waiting()
    submission.cancel(request.pk)
    assert not awaited.provide(request.pk, {"input": "x"})
    assert not awaited.refuse(request.pk, "unreadable_document", "No.")
    assert (now(request).status, request.prompt_text) == ("cancelled", "")


def test_its_version_is_the_one_of_its_beginning() -> None:
    old, new = make_version("Old {{input}}."), make_version("New {{input}}.")
    lifecycle.activate_version("text", old.version_number, actor=make_user())
    request = submission.submit_awaiting(user=make_user(), prompt_type="text", version_number=None)
    lifecycle.activate_version("text", new.version_number, actor=make_user())
    lifecycle.delete_version("text", old.version_number, actor=make_user())
    awaited.provide(request.pk, {"input": "x"})
    assert now(request).prompt_text == "Old x."


def test_without_an_active_version_none_is_stored() -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    with pytest.raises(NoActiveVersion):
        submission.submit_awaiting(user=make_user(), prompt_type="text", version_number=None)
    assert not PromptRequest.objects.exists()


def test_a_model_that_does_not_exist_is_told_at_once() -> None:
    with pytest.raises(InvalidInput):
        waiting(model="nobody/none")


def test_cancelling_and_providing_at_once_end_one_way() -> None:
    for _ in range(8):
        request = waiting()
        both = [
            threading.Thread(target=_closing, args=(lambda r=request: submission.cancel(r.pk),)),
            threading.Thread(target=_closing, args=(lambda r=request: awaited.provide(r.pk, {"input": "x"}),)),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert now(request).status == "cancelled"


def _closing(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


CHANGES: list[dict[str, Any]] = [{"prompt_text": "other"}, {"variables": {"input": "other"}}, {"awaits_text": True}]


@pytest.mark.parametrize("change", CHANGES)
def test_postgresql_refuses_to_change_a_text_that_came(change: dict[str, Any]) -> None:
    request = waiting()
    awaited.provide(request.pk, {"input": "x"})
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRequest.objects.filter(pk=request.pk).update(**change)


@pytest.mark.parametrize("change", CHANGES)
def test_postgresql_refuses_to_have_a_text_that_was_sent_ready_awaited(change: dict[str, Any]) -> None:
    request = make_request()
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRequest.objects.filter(pk=request.pk).update(**change)


def test_postgresql_refuses_a_text_for_one_that_has_ended() -> None:
    request = waiting()
    submission.cancel(request.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRequest.objects.filter(pk=request.pk).update(prompt_text="late", awaits_text=False)


def test_postgresql_refuses_an_empty_text_that_nobody_awaits() -> None:
    request = waiting()
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRequest.objects.filter(pk=request.pk).update(awaits_text=False, next_attempt_at=Now())


@pytest.mark.parametrize("change", [{"model": "other/model"}, {"parameters": {"a": 1}}, {"purpose": "other"}])
def test_postgresql_refuses_to_change_what_else_was_asked_while_it_waits(change: dict[str, Any]) -> None:
    request = waiting()
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRequest.objects.filter(pk=request.pk).update(**change)
