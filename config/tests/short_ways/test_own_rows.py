"""Reading one's own requests on the shortest way gives what the framework gives, to the letter."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from config.accounts import tokens
from prompts.api import reading, showing
from prompts.api.serializers import PromptDetail, PromptOut, PromptShort
from prompts.models import PromptRequest, PromptResponse
from prompts.services import execution, lifecycle, recording, submission
from prompts.tests.factories import completed, failed, make_due, make_request, make_version
from prompts.tests.personas import client_of

PROMPTS = "/api/ai/prompts/"
#: It leads the same call to the framework, and changes nothing else.
ORDINARY: dict[str, Any] = {"HTTP_ACCEPT": "application/json;q=1"}
#: The id of the call itself, and headers of the middleware that the short way leaves out.
LEFT_OUT = {"X-Correlation-ID", "Vary", "Content-Language"}


def told(answer: Any) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name not in LEFT_OUT}
    return answer.status_code, headers, answer.content


def is_quick(answer: Any) -> bool:
    return "Content-Language" not in answer.headers


@pytest.fixture
def of_all_kinds(owner: Any, transactional_db: None) -> list[PromptRequest]:
    """From a version that was deleted since; answered after a failure; deferred, a replay, with big numbers."""
    make_version("Say {{input}}.", parameters={"top_p": 0.5})
    filled = submission.submit(
        user=owner, prompt_type="text", variables={"input": "ก"}, version_number=2, model="simulator/default"
    )
    lifecycle.delete_version("text", 2, actor=owner)
    first = make_request(owner, prompt_text="long " * 1000)
    (attempt,) = [one for one in execution.claim(2, worker="one") if one.request_id == first.pk]
    recording.record([failed(attempt, http_status=503)])
    make_due(first)
    claimed = execution.claim(5, worker="two")
    recording.record([completed(one) for one in claimed if one.request_id == first.pk])
    odd = submission.submit(
        user=owner,
        prompt_type="text",
        prompt_text="x",
        model="simulator/default",
        metadata={"n": 1e20, "deep": [{"a": None}]},
        replay_of=first,
        run_at=first.created_at + timedelta(days=9000),
    )
    return [filled, first, odd]


def test_each_request_is_shown_alike_on_both_ways(as_owner: APIClient, of_all_kinds: list[PromptRequest]) -> None:
    for request in of_all_kinds:
        for path in (f"{PROMPTS}{request.pk}", f"{PROMPTS}{str(request.pk).upper()}/"):
            quick, ordinary = as_owner.get(path), as_owner.get(path, **ORDINARY)
            assert told(quick) == told(ordinary)
            assert (quick.status_code, is_quick(quick), is_quick(ordinary)) == (200, True, False)


def test_the_list_is_shown_alike_on_both_ways(as_owner: APIClient, of_all_kinds: list[PromptRequest]) -> None:
    for path in (PROMPTS, PROMPTS.rstrip("/")):
        quick, ordinary = as_owner.get(path), as_owner.get(path, **ORDINARY)
        assert told(quick) == told(ordinary)
        assert (is_quick(quick), is_quick(ordinary), len(quick.json()["results"])) == (True, False, 3)


def test_what_is_shown_is_what_the_serializers_describe(of_all_kinds: list[PromptRequest]) -> None:
    whole, short = reading.with_response_and_attempts(), reading.shortened(reading.requests())
    rows = {row.id: row for row in reading.short_rows(reading.requests())}
    for pk in (request.pk for request in of_all_kinds):
        assert showing.shown_in_detail(whole.get(pk=pk)) == PromptDetail(whole.get(pk=pk)).data
        assert showing.shown(whole.get(pk=pk)) == PromptOut(whole.get(pk=pk)).data
        assert showing.short_row(rows[pk], rows[pk].user__username) == PromptShort(short.get(pk=pk)).data
        assert list(showing.shown_in_detail(whole.get(pk=pk))) == list(PromptDetail(whole.get(pk=pk)).data)


@pytest.mark.parametrize("cost", ["0", "0.0000000001", "12.5", "99999999.9999999999"])
def test_a_cost_is_written_as_the_serializer_writes_it(of_all_kinds: list[PromptRequest], cost: str) -> None:
    row = reading.with_response_and_attempts().get(pk=of_all_kinds[1].pk)
    places = PromptResponse._meta.get_field("cost").decimal_places
    row.response.cost = Decimal(cost).quantize(Decimal(1).scaleb(-places))
    assert showing.shown_in_detail(row)["response"] == PromptDetail(row).data["response"]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 1, 50, 51, 120])
def test_the_pages_of_a_list_hold_each_request_once(as_owner: APIClient, owner: Any, number: int) -> None:
    made = [make_request(owner) for _ in range(number)]
    seen, link = [], PROMPTS
    while link:
        page = as_owner.get(link).json()
        assert page["next"] == as_owner.get(link, **ORDINARY).json()["next"]
        seen += [row["id"] for row in page["results"]]
        link = page["next"]
    assert seen == [str(request.pk) for request in reversed(made)]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [51, 60])
def test_requests_of_one_moment_are_paged_alike(as_owner: APIClient, owner: Any, number: int) -> None:
    moment = make_request(owner).created_at
    PromptRequest.objects.bulk_create(
        PromptRequest(user=owner, prompt_type_id="text", model="simulator/default", prompt_text="x", created_at=moment)
        for _ in range(number - 1)
    )
    quick, ordinary = as_owner.get(PROMPTS), as_owner.get(PROMPTS, **ORDINARY)
    assert told(quick) == told(ordinary)
    assert quick.json()["next"]


@pytest.mark.django_db
def test_nobody_reads_anothers_request_on_the_short_way(
    as_stranger: APIClient, as_admin: APIClient, owner: Any
) -> None:
    path = f"{PROMPTS}{make_request(owner).pk}"
    as_nobody, hers = as_stranger.get(path), as_admin.get(path)
    assert (as_nobody.status_code, is_quick(as_nobody)) == (404, False)
    assert (hers.status_code, hers.json()["user"], is_quick(hers)) == (200, "owner", False)
    assert as_stranger.get(PROMPTS).json()["results"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", [PROMPTS, f"{PROMPTS}{UUID(int=0)}"])
def test_who_may_not_come_in_hears_the_same(owner: Any, path: str) -> None:
    made = tokens.create(user=owner, name="job", actor=None)
    tokens.note_use(made.row)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.text}")
    assert client.get(PROMPTS).status_code == 200
    tokens.revoke(made.row.pk, actor=owner)
    assert told(client.get(path)) == told(client.get(path, **ORDINARY))
    assert client.get(path).status_code == 401
    assert client_of().get(path).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another hash"}])
def test_an_account_that_changed_is_out_with_the_next_call(
    owner: Any, as_owner: APIClient, change: dict[str, Any]
) -> None:
    path = f"{PROMPTS}{make_request(owner).pk}"
    assert [as_owner.get(place).status_code for place in (PROMPTS, path)] == [200, 200]
    type(owner).objects.filter(pk=owner.pk).update(**change)
    assert [as_owner.get(place).status_code for place in (PROMPTS, path)] == [401, 401]


@pytest.mark.django_db
def test_list_and_detail_take_two_statements_however_many_rows(as_owner: APIClient, owner: Any) -> None:
    for number in (1, 20):
        paths = [PROMPTS, *(f"{PROMPTS}{make_request(owner).pk}" for _ in range(number))]
        for path in (PROMPTS, paths[-1]):
            with CaptureQueriesContext(connection) as queries:
                as_owner.get(path)
            assert len(queries) == 2


@pytest.mark.django_db
def test_a_state_that_moved_on_is_shown_with_the_next_call(as_owner: APIClient, owner: Any) -> None:
    request = make_request(owner)
    path = f"{PROMPTS}{request.pk}"
    assert as_owner.get(path).json()["status"] == "pending"
    PromptRequest.objects.filter(pk=request.pk).update(status="cancelled", finished_at=Now())
    assert as_owner.get(path).json()["status"] == "cancelled"
    assert json.loads(as_owner.get(PROMPTS).content)["results"][0]["status"] == "cancelled"
