"""After a few failures signing in is locked: for that name from that address, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db.models.functions import Now
from django.test import Client

from config.tests.conftest import PASSWORD
from prompts.tests.factories import make_user

pytestmark = pytest.mark.usefixtures("plain_static_files")

TOKEN = "/api/token/"
PAGES = ["/api-auth/login/", "/admin/login/"]


def try_token(password: str = "wrong", username: str = "ann", **headers: str) -> Any:
    body = {"username": username, "password": password}
    return Client().post(TOKEN, body, content_type="application/json", headers=headers)


def fail(times: int = 5, **headers: str) -> list[int]:
    return [try_token(**headers).status_code for _ in range(times)]


def test_the_fifth_failure_locks_and_says_for_how_long(ann: Any) -> None:
    assert fail() == [401, 401, 401, 401, 429]
    answer = try_token(PASSWORD)
    assert answer.status_code == 429
    assert 890 <= int(answer.headers["Retry-After"]) <= 900
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"message", "userMessage", "recoveryAction"}
    assert "15" in answer.json()["recoveryAction"]


def test_an_attempt_during_the_lock_does_not_prolong_it(ann: Any) -> None:
    fail()
    AccessAttempt.objects.update(attempt_time=Now() - timedelta(seconds=600))
    assert int(try_token().headers["Retry-After"]) <= 300
    assert int(try_token().headers["Retry-After"]) <= 300


def test_after_the_lock_the_right_password_works_again(ann: Any) -> None:
    fail()
    AccessAttempt.objects.update(attempt_time=Now() - timedelta(seconds=901))
    assert try_token(PASSWORD).status_code == 200


def test_a_success_forgives_the_failures_before_it(ann: Any) -> None:
    assert fail(4) == [401] * 4
    assert try_token(PASSWORD).status_code == 200
    assert fail(4) == [401] * 4


def test_another_name_from_the_same_address_is_not_locked(ann: Any) -> None:
    make_user("bob", password=PASSWORD)
    fail()
    assert try_token(PASSWORD, username="bob").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_login_page_is_locked_with_a_page(ann: Any, page: str) -> None:
    ann.is_staff = True
    ann.save()
    for _ in range(5):
        answer = Client().post(page, {"username": "ann", "password": "wrong"})
    answer = Client().post(page, {"username": "ann", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'href="/admin/"' in answer.text


def test_the_lock_holds_for_all_ways_in(ann: Any) -> None:
    fail()
    assert Client().post(PAGES[0], {"username": "ann", "password": PASSWORD}).status_code == 429


def test_a_forwarded_address_is_worth_nothing_without_proxies_of_ours(ann: Any) -> None:
    statuses = [try_token(**{"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in range(6)]
    assert statuses[-1] == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "'; DROP TABLE users; --", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "x" * 10_000, "127.0.0.1"),
    ],
)
def test_behind_proxies_the_address_is_the_one_that_the_outermost_saw(
    ann: Any, settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert try_token(**{"X-Forwarded-For": forwarded}).status_code == 401
    assert AccessAttempt.objects.get().ip_address == address


def test_no_password_is_kept_of_an_attempt(ann: Any) -> None:
    try_token("canary-password")
    Client().post(PAGES[0], {"username": "ann", "password": "canary-password"})
    assert "canary" not in str(list(AccessAttempt.objects.values()))
