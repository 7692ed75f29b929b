"""GET of one request: everything about it, in one query."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from prompts.models import PromptRequest
from prompts.services import execution, recording
from prompts.tests.factories import completed, failed, make_due, make_request

PROMPTS = "/api/ai/prompts/"
DETAIL_QUERIES = 2  # the token's user, and the request with everything


whole = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answered(owner: Any) -> PromptRequest:
    """A request whose second attempt brought the answer."""
    request = make_request(owner)
    (first,) = execution.claim(1, worker="one")
    recording.record([failed(first, http_status=503)])
    make_due(request)
    (second,) = execution.claim(1, worker="two")
    recording.record([completed(second)])
    return request


@whole
def test_detail_holds_the_answer_and_every_attempt(as_owner: APIClient, answered: PromptRequest) -> None:
    body = as_owner.get(f"{PROMPTS}{answered.pk}").json()
    assert (body["status"], body["attempt_count"]) == ("completed", 2)
    assert body["response"]["response_text"] == "Hello."
    assert (body["response"]["input_tokens"], body["response"]["cached_tokens"]) == (3, None)
    first, second = body["attempts"]
    assert (first["number"], first["outcome"], first["error_class"], first["http_status"]) == (
        1,
        "failed",
        "overloaded",
        503,
    )
    assert (second["number"], second["worker"], second["outcome"]) == (2, "two", "succeeded")


@whole
def test_times_are_iso_8601_in_utc_everywhere(as_owner: APIClient, answered: PromptRequest) -> None:
    body = as_owner.get(f"{PROMPTS}{answered.pk}").json()
    attempt = body["attempts"][0]
    times = [body["created_at"], body["finished_at"], body["response"]["created_at"], attempt["started_at"]]
    assert all(time.endswith("Z") for time in times)


def test_detail_of_an_unfinished_request_has_no_answer_yet(as_owner: APIClient, owner: Any) -> None:
    body = as_owner.get(f"{PROMPTS}{make_request(owner).pk}").json()
    assert (body["response"], body["attempts"]) == (None, [])


@whole
def test_detail_takes_one_query_beside_the_token(
    as_owner: APIClient, answered: PromptRequest, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(DETAIL_QUERIES):
        as_owner.get(f"{PROMPTS}{answered.pk}")


@pytest.mark.parametrize("action", ["", "/cancel", "/replay"])
def test_a_strangers_id_and_an_unknown_one_answer_alike(as_stranger: APIClient, owner: Any, action: str) -> None:
    theirs, nobodys = make_request(owner).pk, uuid4()
    send = as_stranger.post if action else as_stranger.get
    first, second = send(f"{PROMPTS}{theirs}{action}"), send(f"{PROMPTS}{nobodys}{action}")
    assert (first.status_code, second.status_code) == (404, 404)
    assert first.content.replace(str(theirs).encode(), b"") == second.content.replace(str(nobodys).encode(), b"")


def test_who_manages_all_reaches_everybodys(as_admin: APIClient, owner: Any) -> None:
    assert as_admin.get(f"{PROMPTS}{make_request(owner).pk}").json()["user"] == "owner"


def test_a_superuser_manages_all_without_being_given_it(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    owner.is_superuser = True
    owner.save()
    assert as_owner.get(f"{PROMPTS}{make_request(stranger).pk}").status_code == 200


@whole
def test_no_internal_column_is_shown(as_owner: APIClient, answered: PromptRequest) -> None:
    body = as_owner.get(f"{PROMPTS}{answered.pk}").json()
    assert not {"lease_token", "lease_expires_at", "leased_by", "idempotency_key", "user_id"} & set(body)
