"""User enumeration: an answer does not tell whether a name exists, by its words, its shape or the work behind it."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from config.accounts import tokens
from config.models import User
from config.tests.conftest import PASSWORD
from prompts.tests.factories import make_request, make_user
from prompts.tests.personas import client_of

NAMES = ["ann", "nobody", "off"]
PAGES = ["/admin/login/", "/api-auth/login/"]


@pytest.fixture
def off(ann: Any) -> Any:
    return make_user("off", password=PASSWORD, is_active=False)


@pytest.mark.parametrize("page", PAGES)
def test_a_login_page_says_the_same_of_every_name(off: Any, page: str) -> None:
    User.objects.filter(username="ann").update(is_staff=True)
    told = {
        Client().post(page, {"username": name, "password": password}).context["form"].errors.as_text()
        for name, password in (("ann", "wrong"), ("nobody", "wrong"), ("off", "wrong"))
    }
    assert len(told) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_name_costs_as_much_work_as_a_wrong_password(off: Any, page: str) -> None:
    def ask(name: str) -> Any:
        return Client().post(page, {"username": name, "password": "x"})

    assert {hashed(partial(ask, name)) for name in NAMES} == {1}


def test_so_it_is_where_tokens_are_given(off: Any) -> None:
    def ask(name: str) -> Any:
        return client_of().post("/api/token/", {"username": name, "password": "x"})

    assert {hashed(partial(ask, name)) for name in NAMES} == {1}
    assert len({ask(name).content for name in NAMES}) == 1


def hashed(ask: Any) -> int:
    """How often a password is hashed on the way: that, and nothing else, takes long."""
    with mock.patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as encode:
        ask()
    return encode.call_count


def test_a_name_is_locked_whether_it_exists_or_not(off: Any) -> None:
    def tries(name: str) -> list[int]:
        body = {"username": name, "password": "wrong"}
        return [client_of().post("/api/token/", body).status_code for _number in range(6)]

    assert tries("ann") == tries("nobody") == tries("off")


def told(answer: Any, key: Any) -> str:
    """What is said, but for the id that was asked for."""
    return str(answer.text).replace(str(key), "")


def test_an_id_that_is_somebody_elses_answers_like_one_that_does_not_exist(ann: Any) -> None:
    theirs = make_request(make_user())
    missing = str(theirs.pk)[:-1] + ("0" if str(theirs.pk)[-1] != "0" else "1")
    for action in ("", "/receipt"):
        known, unknown = (client_of(ann).get(f"/api/ai/prompts/{key}{action}") for key in (theirs.pk, missing))
        assert (known.status_code, told(known, theirs.pk)) == (404, told(unknown, missing))
    for action in ("/cancel", "/replay"):
        known, unknown = (client_of(ann).post(f"/api/ai/prompts/{key}{action}") for key in (theirs.pk, missing))
        assert (known.status_code, told(known, theirs.pk)) == (404, told(unknown, missing))


def test_a_filter_by_user_tells_nobody_who_there_is(ann: Any) -> None:
    make_user("carol")
    api = client_of(ann)
    known, unknown = (api.get("/api/ai/prompts/", {"user": name}) for name in ("carol", "nobody"))
    assert known.status_code == unknown.status_code == 403
    assert known.text.replace("carol", "") == unknown.text.replace("nobody", "")


def test_the_first_characters_of_a_token_tell_nothing(ann: Any) -> None:
    real = tokens.create(user=ann, name="robot", actor=ann).text
    guesses = [real[:12] + "A" * (len(real) - 12), "apm_" + "A" * (len(real) - 4)]
    answers = [Client().get("/api/ai/prompts/", headers={"Authorization": f"Bearer {guess}"}) for guess in guesses]
    assert len({answer.content for answer in answers}) == 1
    assert [answer.status_code for answer in answers] == [401, 401]
