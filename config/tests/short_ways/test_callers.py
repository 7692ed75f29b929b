"""Who may send a prompt on the shortest way, and what a key does there: the same as through the framework."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from config.accounts import tokens
from config.models import ApiToken
from prompts.models import PromptRequest
from prompts.tests.api.ways import FILLED, ORDINARY, QUESTION, both_ways, send, told
from prompts.tests.factories import make_user
from prompts.tests.personas import bearer, client_of

pytestmark = pytest.mark.django_db


def with_header(authorization: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=authorization)
    return client


def new_token(user: Any, *, used: bool = True) -> ApiToken:
    """A token as `row`, its text as `row.text`; `used` notes its use, so that the next one is answered at once."""
    made = tokens.create(user=user, name="job", actor=None)
    if used:
        tokens.note_use(made.row)
    vars(made.row)["text"] = made.text
    return made.row


def expired(user: Any) -> str:
    token = AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    return f"Bearer {token}"


def switched_off(user: Any) -> str:
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    return bearer(user)


def of_an_older_password(user: Any) -> str:
    header = bearer(user)
    user.set_password("correct horse battery staple")
    user.save()
    return header


def revoked(user: Any) -> str:
    row = new_token(user)
    tokens.revoke(row.pk, actor=user)
    return f"Bearer {vars(row)['text']}"


def run_out(user: Any) -> str:
    row = new_token(user)
    ApiToken.objects.filter(pk=row.pk).update(created_at="2020-01-01T00:00Z", expires_at="2020-01-02T00:00Z")
    return f"Bearer {vars(row)['text']}"


def of_an_account_switched_off(user: Any) -> str:
    row = new_token(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    return f"Bearer {vars(row)['text']}"


HEADERS_REFUSED: dict[str, Callable[[Any], str]] = {
    "none": lambda user: "",
    "expired": expired,
    "refresh": lambda user: f"Bearer {RefreshToken.for_user(user)}",
    "switched off": switched_off,
    "older password": of_an_older_password,
    "revoked": revoked,
    "run out": run_out,
    "token of an account switched off": of_an_account_switched_off,
    "unknown": lambda user: f"Bearer apm_{'x' * 43}",
    "two words": lambda user: f"{bearer(user)} x",
    "not latin": lambda user: "Bearer é",
}


@pytest.mark.parametrize("name", HEADERS_REFUSED)
def test_who_may_not_come_in_hears_the_same_and_stores_nothing(owner: Any, name: str) -> None:
    client = with_header(HEADERS_REFUSED[name](owner))
    quick, ordinary = both_ways(client, QUESTION)
    assert quick == ordinary
    assert (quick[0], PromptRequest.objects.count()) == (401, 0)


def test_a_token_is_out_with_the_call_after_it_was_revoked(owner: Any, answered_at_once: list[Any]) -> None:
    row = new_token(owner)
    client = with_header(f"Bearer {vars(row)['text']}")
    assert send(client, QUESTION).status_code == 201
    tokens.revoke(row.pk, actor=owner)
    assert send(client, QUESTION).status_code == 401
    assert [answer is not None for answer in answered_at_once] == [True, False]


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another hash"}])
def test_an_access_token_is_out_with_the_call_after_its_account_changed(
    owner: Any, as_owner: APIClient, change: dict[str, Any]
) -> None:
    assert send(as_owner, QUESTION).status_code == 201
    type(owner).objects.filter(pk=owner.pk).update(**change)
    assert send(as_owner, QUESTION).status_code == 401


def test_the_use_of_a_token_is_noted_on_the_long_way(owner: Any, answered_at_once: list[Any]) -> None:
    row = new_token(owner, used=False)
    client = with_header(f"Bearer {vars(row)['text']}")
    assert [send(client, QUESTION).status_code for _ in range(2)] == [201, 201]
    assert [answer is not None for answer in answered_at_once] == [False, True]
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_session_is_asked_for_its_csrf_token_as_before(owner: Any) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, QUESTION).status_code == 403


def test_a_stranger_gets_their_own_name_in_it(as_owner: APIClient, as_stranger: APIClient) -> None:
    assert [send(client, QUESTION).json()["user"] for client in (as_owner, as_stranger)] == ["owner", "stranger"]


def test_two_users_of_one_process_are_not_mixed_up() -> None:
    clients = {name: client_of(make_user(name)) for name in ("ada", "bob", "cy")}
    told_names = [(name, send(client, QUESTION).json()["user"]) for _ in range(3) for name, client in clients.items()]
    assert all(name == told_name for name, told_name in told_names)


def test_a_key_gets_the_first_answer_on_either_way(as_owner: APIClient, answered_at_once: list[Any]) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    first, again = send(as_owner, QUESTION, **key), send(as_owner, QUESTION, **key)
    ordinary = send(as_owner, QUESTION, **key | ORDINARY)
    assert first.json() == again.json() == ordinary.json()
    assert told(again) == told(ordinary)
    assert (again.headers["Idempotent-Replayed"], again.headers["Location"]) == ("true", first.headers["Location"])
    assert [answer is not None for answer in answered_at_once] == [True, True, False]


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_a_malformed_key_is_refused_alike(as_owner: APIClient, key: str) -> None:
    quick, ordinary = both_ways(as_owner, QUESTION, HTTP_IDEMPOTENCY_KEY=key)
    assert quick == ordinary
    assert quick[0] == 400


def test_a_key_of_another_body_is_refused_alike(as_owner: APIClient) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    send(as_owner, QUESTION, **key)
    quick, ordinary = both_ways(as_owner, FILLED, **key)
    assert quick == ordinary
    assert (quick[0], PromptRequest.objects.count()) == (422, 1)
