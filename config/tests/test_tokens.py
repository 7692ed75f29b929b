"""Tokens: who gets them, what is accepted as one, and when they end."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from config.tests.conftest import PASSWORD
from prompts.tests.personas import client_of

PROMPTS = "/api/ai/prompts/"
TOKEN, REFRESH, VERIFY = "/api/token/", "/api/token/refresh/", "/api/token/verify/"
ERROR = {"message", "userMessage", "recoveryAction"}


def sign_in(username: str = "ann", password: str = PASSWORD) -> Any:
    return client_of().post(TOKEN, {"username": username, "password": password})


def status_with(authorization: str) -> int:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=authorization)
    answer = client.get(PROMPTS)
    if answer.status_code == 401:
        assert set(answer.json()) == ERROR
    status: int = answer.status_code
    return status


def test_a_password_gets_a_pair_whose_access_token_opens_the_api(ann: Any) -> None:
    answer = sign_in()
    assert set(answer.json()) == {"access", "refresh"}
    assert status_with(f"Bearer {answer.json()['access']}") == 200


@pytest.mark.parametrize(("username", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("ann' OR '1'='1", "x")])
def test_a_wrong_name_and_a_wrong_password_answer_alike(ann: Any, username: str, password: str) -> None:
    answer = sign_in(username, password)
    assert answer.status_code == 401
    assert set(answer.json()) == ERROR
    assert answer.json() == sign_in("somebody", "else").json()
    assert answer.json()["userMessage"] == "The user name or the password is wrong."
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "ann"},
        {"username": "ann", "password": PASSWORD, "is_superuser": True},
        {"username": "a" * 151, "password": PASSWORD},
        {"username": "ann", "password": "x" * 1025},
        {"username": ["ann"], "password": {"x": 1}},
        {"username": 1, "password": 1},
    ],
)
def test_a_sign_in_of_another_shape_is_400(ann: Any, body: dict[str, Any]) -> None:
    assert client_of().post(TOKEN, body).status_code == 400


def test_an_inactive_user_gets_no_token(ann: Any) -> None:
    ann.is_active = False
    ann.save()
    assert sign_in().status_code == 401


def test_a_refresh_token_works_once(ann: Any) -> None:
    first = sign_in().json()
    second = client_of().post(REFRESH, {"refresh": first["refresh"]})
    assert set(second.json()) == {"access", "refresh"}
    assert status_with(f"Bearer {second.json()['access']}") == 200
    again = client_of().post(REFRESH, {"refresh": first["refresh"]})
    assert (again.status_code, set(again.json())) == (401, ERROR)
    assert client_of().post(REFRESH, {"refresh": second.json()["refresh"]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_twenty_simultaneous_refreshes_one_succeeds(ann: Any) -> None:
    refresh, together = str(RefreshToken.for_user(ann)), Barrier(20)

    def send(_number: int) -> int:
        together.wait()
        try:
            status: int = client_of().post(REFRESH, {"refresh": refresh}).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        statuses = Counter(threads.map(send, range(20)))
    assert statuses == {200: 1, 401: 19}


def deactivate(user: Any) -> None:
    user.is_active = False
    user.save()


def change_password(user: Any) -> None:
    user.set_password("another long and quiet river 8")
    user.save()


def delete(user: Any) -> None:
    user.outstandingtoken_set.all().delete()
    user.delete()


@pytest.mark.parametrize("end", [deactivate, change_password, delete])
def test_every_token_ends_with_its_account_or_password(ann: Any, end: Callable[[Any], None]) -> None:
    pair = sign_in().json()
    end(ann)
    assert status_with(f"Bearer {pair['access']}") == 401
    assert client_of().post(REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    for token in pair.values():
        assert client_of().post(VERIFY, {"token": token}).status_code == 401


def test_verify_takes_both_tokens_of_a_pair_until_they_are_used_up(ann: Any) -> None:
    pair = sign_in().json()
    for token in pair.values():
        answer = client_of().post(VERIFY, {"token": token})
        assert (answer.status_code, answer.json()) == (200, {})
    client_of().post(REFRESH, {"refresh": pair["refresh"]})
    assert client_of().post(VERIFY, {"token": pair["refresh"]}).status_code == 401


def claims(user: Any) -> dict[str, Any]:
    return dict(AccessToken.for_user(user).payload)


def signed(payload: dict[str, Any], key: str = "", algorithm: str = "HS256") -> str:
    return jwt.encode(payload, key or settings.JWT_SIGNING_KEY, algorithm=algorithm)


def without(user: Any, name: str) -> str:
    payload = claims(user)
    del payload[name]
    return signed(payload)


def unsigned(user: Any, algorithm: str) -> str:
    def part(content: str) -> str:
        return urlsafe_b64encode(content.encode()).rstrip(b"=").decode()

    body = str(AccessToken.for_user(user)).split(".")[1]
    return f"{part(json.dumps({'alg': algorithm, 'typ': 'JWT'}))}.{body}."


PAST = datetime.now(UTC) - timedelta(seconds=1)
FORGERIES: dict[str, Callable[[Any], str]] = {
    "alg none": lambda user: unsigned(user, "none"),
    "alg None": lambda user: unsigned(user, "None"),
    "alg RS256 without signature": lambda user: unsigned(user, "RS256"),
    "another algorithm of the same key": lambda user: signed(claims(user), algorithm="HS512"),
    "another key": lambda user: signed(claims(user), key="k" * 64),
    "the key of sessions": lambda user: signed(claims(user), key=settings.SECRET_KEY),
    "no exp": lambda user: without(user, "exp"),
    "no jti": lambda user: without(user, "jti"),
    "no type": lambda user: without(user, "token_type"),
    "no user": lambda user: without(user, "user_id"),
    "no mark of the password": lambda user: without(user, "hash_password"),
    "expired": lambda user: signed(claims(user) | {"exp": PAST}),
    "exp as text": lambda user: signed(claims(user) | {"exp": "never"}),
    "refresh as access": lambda user: str(RefreshToken.for_user(user)),
    "somebody else's id": lambda user: signed(claims(user) | {"user_id": str(user.pk + 1)}),
    "cut off": lambda user: str(AccessToken.for_user(user))[:-1],
    "a changed body": lambda user: str(AccessToken.for_user(user)).replace(".ey", ".ez", 1),
    "nothing": lambda user: "",
    "dots": lambda user: "..",
    "SQL": lambda user: "' OR '1'='1",
    "SQL without spaces": lambda user: "x'/**/OR/**/1=1--",
    "not ASCII": lambda user: "\xe9\xff",
    "deep header": lambda user: urlsafe_b64encode(b"[" * 20_000).decode() + ".e30.x",
    "long": lambda user: "a" * 100_000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_no_token_of_ours_is_401(ann: Any, name: str) -> None:
    assert status_with(f"Bearer {FORGERIES[name](ann)}") == 401


@pytest.mark.parametrize("name", sorted(set(FORGERIES) - {"refresh as access"}))
def test_what_is_no_token_of_ours_renews_and_verifies_nothing(ann: Any, name: str) -> None:
    token = FORGERIES[name](ann)
    assert client_of().post(REFRESH, {"refresh": token}).status_code in (400, 401)
    assert client_of().post(VERIFY, {"token": token}).status_code in (400, 401)


def test_an_access_token_renews_nothing(ann: Any) -> None:
    assert client_of().post(REFRESH, {"refresh": sign_in().json()["access"]}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic YW5uOng=", "bearer", "' OR 1=1 --", "Bearer\ta\tb"])
def test_another_authorization_header_is_401(ann: Any, header: str) -> None:
    assert status_with(header) == 401


def test_a_session_from_the_login_page_opens_the_api_too(ann: Any, plain_static_files: None) -> None:
    browser = Client()
    assert browser.post("/api-auth/login/", {"username": "ann", "password": PASSWORD}).status_code == 302
    assert browser.get(PROMPTS).status_code == 200
    page = browser.get(PROMPTS, headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")


def test_getting_a_token_makes_no_session(ann: Any) -> None:
    assert not sign_in().cookies
    ann.refresh_from_db()
    assert ann.last_login is not None
