"""POST /api/ai/prompts/."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from prompts import publisher
from prompts.models import PromptRequest, PromptType
from prompts.models.prompt_request import Status
from prompts.services.health import oldest_claimable_seconds

PROMPTS = "/api/ai/prompts/"
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}

#: Whatever a body might try to set that is the server's to set.
FORBIDDEN = [
    "id",
    "user",
    "user_id",
    "status",
    "attempt_count",
    "lease_token",
    "lease_expires_at",
    "leased_by",
    "deadline_at",
    "next_attempt_at",
    "created_at",
    "started_at",
    "finished_at",
    "cost",
    "simulated",
    "replay_of",
    "replay_of_id",
    "error_class",
    "idempotency_key",
    "base_url",
    "api_key",
    "prompt_type_id",
    "__class__",
]


def test_a_created_prompt_is_pending_and_told_where_it_is(as_owner: APIClient, owner: Any) -> None:
    answer = as_owner.post(PROMPTS, QUESTION | {"purpose": "A first try", "metadata": {"team": "A"}})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer.headers["Location"] == f"{PROMPTS}{body['id']}"
    assert UUID(body["id"]).version == 7
    assert body["created_at"].endswith("Z")
    expected = QUESTION | {"purpose": "A first try", "metadata": {"team": "A"}, "status": "pending", "user": "owner"}
    assert body | expected | {"simulated": True, "replay_of": None, "run_at": None, "parameters": {}} == body
    assert PromptRequest.objects.get(pk=body["id"]).user == owner


def test_location_leads_to_the_request(as_owner: APIClient) -> None:
    created = as_owner.post(PROMPTS, QUESTION)
    assert as_owner.get(created.headers["Location"]).json()["id"] == created.json()["id"]


def test_without_a_model_the_type_decides(as_owner: APIClient) -> None:
    PromptType.objects.filter(slug="code").update(default_model="simulator/coder", default_parameters={"top_p": 0.5})
    body = as_owner.post(PROMPTS, {"prompt_type": "code", "prompt_text": "print"}).json()
    assert (body["model"], body["parameters"]) == ("simulator/coder", {"top_p": 0.5})


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_field_that_the_server_sets_is_refused_by_name(as_owner: APIClient, name: str) -> None:
    answer = as_owner.post(PROMPTS, QUESTION | {name: "completed"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]
    assert not PromptRequest.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt_text", ""),
        ("prompt_text", " \n\t"),
        ("prompt_text", None),
        ("prompt_text", ["a"]),
        ("prompt_text", 12345),
        ("prompt_text", 1.5),
        ("prompt_type", 1),
        ("model", 1),
        ("purpose", 1),
        ("prompt_text", "ก" * 349_526),
        ("prompt_type", "poetry"),
        ("prompt_type", ""),
        ("prompt_type", "text'; DROP TABLE users; --"),
        ("prompt_type", {"slug": "text"}),
        ("model", "nobody/knows"),
        ("model", "simulator/../../admin"),
        ("model", "x" * 201),
        ("purpose", "x" * 501),
        ("parameters", []),
        ("parameters", {"temperature": 9}),
        ("parameters", {"simulate": {"cut_stream": True}}),
        ("parameters", {"base_url": "http://169.254.169.254/"}),
        ("parameters", {"api_key": "k"}),
        ("parameters", None),
        ("metadata", "text"),
        ("metadata", {"x": "y" * 70_000}),
        ("run_at", "tomorrow"),
        ("run_at", "0001-01-01T00:00:00+23:00"),
        ("run_at", "9999-12-31T23:59:59-23:00"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_on_its_field(as_owner: APIClient, field: str, value: Any) -> None:
    answer = as_owner.post(PROMPTS, QUESTION | {field: value})
    assert answer.status_code == 400, answer.content
    assert [name.partition(".")[0] for name in answer.json()["errors"]] == [field]
    assert not PromptRequest.objects.exists()


def test_an_unknown_type_is_answered_with_those_there_are(as_owner: APIClient) -> None:
    errors = as_owner.post(PROMPTS, QUESTION | {"prompt_type": "poetry"}).json()["errors"]
    assert "data_analysis" in errors["prompt_type"][0]


def test_an_unknown_model_is_answered_with_those_there_are(as_owner: APIClient) -> None:
    errors = as_owner.post(PROMPTS, QUESTION | {"model": "nobody/knows"}).json()["errors"]
    assert "simulator/default" in errors["model"][0]


def test_a_text_of_exactly_one_megabyte_is_accepted_unchanged(as_owner: APIClient) -> None:
    text = " " + "x" * (1024 * 1024 - 2) + "\n"
    answer = as_owner.post(PROMPTS, QUESTION | {"prompt_text": text})
    assert answer.status_code == 201
    assert PromptRequest.objects.get().prompt_text == text


def test_template_like_text_is_stored_as_it_is(as_owner: APIClient) -> None:
    text = "{{7*7}} {x.__class__} {x:>999999999} ${jndi:ldap://x} <script>alert(1)</script>"
    assert as_owner.post(PROMPTS, QUESTION | {"prompt_text": text}).json()["prompt_text"] == text


def test_a_naive_run_at_is_taken_as_utc(as_owner: APIClient) -> None:
    body = as_owner.post(PROMPTS, QUESTION | {"run_at": "2030-01-01T12:00:00"}).json()
    assert body["run_at"] == "2030-01-01T12:00:00Z"


def test_a_run_at_in_the_past_neither_jumps_the_queue_nor_makes_the_installation_look_stuck(
    as_owner: APIClient,
) -> None:
    as_owner.post(PROMPTS, QUESTION)
    body = as_owner.post(PROMPTS, QUESTION | {"run_at": "2000-01-01T00:00:00Z"}).json()
    assert body["run_at"] == "2000-01-01T00:00:00Z"
    assert [str(request.pk) for request in PromptRequest.objects.order_by("next_attempt_at")][1:] == [body["id"]]
    assert oldest_claimable_seconds() < 60


@pytest.mark.parametrize("number", ["1e20", "-1e300", "123456789012345678901234567890"])
def test_a_number_beyond_64_bits_is_shown_again(as_owner: APIClient, number: str) -> None:
    body = json.dumps(QUESTION | {"metadata": {"n": "N"}}).replace('"N"', number)
    created = as_owner.post(PROMPTS, body, content_type="application/json")
    assert created.status_code == 201, created.content
    for path in (PROMPTS, created.headers["Location"]):
        answer = as_owner.get(path)
        assert answer.status_code == 200
        (shown,) = [row["metadata"]["n"] for row in answer.json().get("results", [answer.json()])]
        assert shown == pytest.approx(float(number))


def test_a_text_counts_as_many_bytes_as_it_has_in_utf_8(as_owner: APIClient) -> None:
    answer = as_owner.post(PROMPTS, QUESTION | {"parameters": {"system": "ก" * 20_000}})
    assert answer.status_code == 201, answer.content


def test_a_process_that_can_start_no_thread_still_answers_for_what_it_has_stored(
    as_owner: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        patch.object(publisher, "announce", autospec=True, side_effect=RuntimeError("can't start new thread")),
        django_capture_on_commit_callbacks(execute=True) as callbacks,
    ):
        assert as_owner.post(PROMPTS, QUESTION).status_code == 201
    assert len(callbacks) == 1


def test_over_the_limit_of_unfinished_requests_it_is_429_with_retry_after(as_owner: APIClient, settings: Any) -> None:
    settings.MAX_UNFINISHED_PER_USER = 1
    as_owner.post(PROMPTS, QUESTION)
    answer = as_owner.post(PROMPTS, QUESTION)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert set(answer.json()) == {"message", "userMessage", "recoveryAction"}


def test_replay_makes_a_new_request_with_the_same_input(as_owner: APIClient) -> None:
    original = as_owner.post(PROMPTS, QUESTION | {"purpose": "Why", "parameters": {"seed": 7}}).json()
    answer = as_owner.post(f"{PROMPTS}{original['id']}/replay")
    assert answer.status_code == 201, answer.content
    replay = answer.json()
    assert answer.headers["Location"] == f"{PROMPTS}{replay['id']}"
    assert replay["replay_of"] == original["id"] != replay["id"]
    same = ("prompt_text", "prompt_type", "model", "purpose", "parameters", "metadata")
    assert {name: replay[name] for name in same} == {name: original[name] for name in same}


def test_replay_takes_no_defaults_that_the_type_got_later(as_owner: APIClient) -> None:
    original = as_owner.post(PROMPTS, QUESTION).json()
    PromptType.objects.filter(slug="text").update(default_parameters={"temperature": 0.1})
    assert as_owner.post(f"{PROMPTS}{original['id']}/replay").json()["parameters"] == {}


def test_replay_takes_another_model_and_nothing_else(as_owner: APIClient) -> None:
    original = as_owner.post(PROMPTS, QUESTION).json()
    path = f"{PROMPTS}{original['id']}/replay"
    assert as_owner.post(path, {"model": "simulator/other"}).json()["model"] == "simulator/other"
    assert list(as_owner.post(path, {"prompt_text": "x"}).json()["errors"]) == ["prompt_text"]


def test_cancel_ends_a_pending_request_once(as_owner: APIClient) -> None:
    path = as_owner.post(PROMPTS, QUESTION).headers["Location"]
    answer = as_owner.post(f"{path}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, Status.CANCELLED)
    assert as_owner.post(f"{path}/cancel").status_code == 409


def test_an_admin_cancels_anybodys_request(as_owner: APIClient, as_admin: APIClient) -> None:
    path = as_owner.post(PROMPTS, QUESTION).headers["Location"]
    assert as_admin.post(f"{path}/cancel").json()["user"] == "owner"


def test_an_admins_replay_is_the_admins_own(as_owner: APIClient, as_admin: APIClient) -> None:
    path = as_owner.post(PROMPTS, QUESTION).headers["Location"]
    assert as_admin.post(f"{path}/replay").json()["user"] == "admin"
