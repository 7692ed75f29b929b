"""API tokens: made, used, noted, ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit.models import AuditEntry
from config.accounts import tokens
from config.accounts.exceptions import TooManyTokens
from config.models import ApiToken
from prompts import token_text
from prompts.exceptions import InvalidInput, NotFound
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

pytestmark = pytest.mark.django_db
PROMPTS, ACTIVE, TOKENS = "/api/ai/prompts/", "/api/ai/prompts/text/active", "/api/tokens/"


def make(user: Any, name: str = "robot", **values: Any) -> tokens.NewToken:
    return tokens.create(user=user, name=name, actor=user, **values)


def with_token(text: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def entries(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


def age(row: ApiToken, **values: Any) -> None:
    """As if time had passed: the token was made long ago."""
    ApiToken.objects.filter(pk=row.pk).update(created_at=Now() - timedelta(days=400), **values)


# --- What it opens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PROMPTS, ACTIVE, "/api/ai/models", "/api/ai/documents/"])
def test_it_opens_what_an_access_token_opens(path: str) -> None:
    new = make(make_user())
    assert {with_token(new.text).get(path).status_code for _time in range(2)} == {200}


def test_it_acts_in_the_name_of_its_user() -> None:
    ann = make_user("ann")
    body = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}
    answer = with_token(make(ann).text).post(PROMPTS, body)
    assert answer.json()["user"] == "ann"


def revoke(new: tokens.NewToken) -> None:
    tokens.revoke(new.row.pk, actor=new.row.user)


def expire(new: tokens.NewToken) -> None:
    age(new.row, expires_at=Now())


def switch_off(new: tokens.NewToken) -> None:
    new.row.user.is_active = False
    new.row.user.save()


@pytest.mark.parametrize(
    ("end", "reason"), [(revoke, "was revoked"), (expire, "has expired"), (switch_off, "switched off")]
)
@pytest.mark.parametrize("path", [PROMPTS, ACTIVE])
def test_what_has_ended_opens_nothing_and_says_why(
    end: Callable[[tokens.NewToken], None], reason: str, path: str
) -> None:
    new = make(make_user())
    assert with_token(new.text).get(path).status_code == 200
    end(new)
    answer = with_token(new.text).get(path)
    assert answer.status_code == 401
    assert reason in answer.json()["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("change", [str.swapcase, lambda text: text[:-1], lambda text: f"{text}A", str.strip])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "Bearer "])
def test_nothing_but_the_token_itself_is_the_token(change: Callable[[str], str], scheme: str) -> None:
    text = make(make_user()).text
    header = f"{scheme} {change(text)}"
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=header)
    expected = 200 if header == f"Bearer {text}" else 401
    assert {client.get(PROMPTS).status_code, client.get(ACTIVE).status_code} == {expected}


def test_a_changed_password_leaves_it_alone() -> None:
    ann = make_user("ann")
    new = make(ann)
    ann.set_password("another long and quiet river 8")
    ann.save()
    assert with_token(new.text).get(PROMPTS).status_code == 200


def test_it_is_looked_up_with_its_user_in_one_query() -> None:
    client = with_token(make(make_user()).text)
    client.get("/api/ai/models")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/ai/models").status_code == 200
    assert len([query for query in queries if "api_tokens" in query["sql"]]) == 1
    assert not [query for query in queries if 'FROM "users"' in query["sql"]]


def test_a_busy_token_reads_the_active_version_in_one_statement() -> None:
    client = with_token(make(make_user()).text)
    client.get(ACTIVE)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(ACTIVE).status_code == 200
    assert len(queries) == 1


# --- When it was used ---------------------------------------------------------------------------------


def used(new: tokens.NewToken) -> Any:
    return ApiToken.objects.get(pk=new.row.pk).last_used_at


@pytest.mark.parametrize("path", [PROMPTS, ACTIVE])
def test_its_use_is_noted_once_a_minute(path: str) -> None:
    new = make(make_user())
    assert used(new) is None
    with_token(new.text).get(path)
    first = used(new)
    assert first is not None
    ApiToken.objects.update(last_used_at=(within := first - timedelta(seconds=50)))
    with_token(new.text).get(path)
    assert used(new) == within
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=70))
    with_token(new.text).get(path)
    assert used(new) >= first


def test_a_use_that_can_not_be_noted_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    new = make(make_user())
    monkeypatch.setattr(tokens, "_NOTE_USE", "UPDATE api_tokens SET no_such_column = %s WHERE expires_at > now() - %s")
    with caplog.at_level(logging.WARNING):
        assert with_token(new.text).get(PROMPTS).status_code == 200
    assert "could not be noted" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_use_does_not_wait_for_whoever_holds_the_row() -> None:
    new = make(make_user())
    with ThreadPoolExecutor(1) as threads, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM api_tokens FOR UPDATE")
        status = threads.submit(lambda: status_of_own_connection(new.text)).result(timeout=20)
        cursor.execute("ROLLBACK")
    assert status == 200


def status_of_own_connection(text: str) -> int:
    try:
        status: int = with_token(text).get("/api/ai/models").status_code
        return status
    finally:
        connection.close()


# --- Making one ---------------------------------------------------------------------------------------


def test_only_a_digest_of_it_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        new = make(make_user())
    assert token_text.FORM.fullmatch(new.text)
    row = ApiToken.objects.get()
    assert bytes(row.digest) == token_text.digest(new.text)
    assert row.beginning == new.text[:12]
    secret = new.text[12:]
    assert secret not in caplog.text
    assert not AuditEntry.objects.filter(content__contains=secret).exists()


def test_it_lives_as_long_as_asked() -> None:
    ann = make_user("ann")
    lives = [make(ann).row, make(ann, "another", days=366).row]
    assert [row.expires_at - row.created_at for row in lives] == [timedelta(days=90), timedelta(days=366)]


def test_each_change_is_one_entry_of_the_log() -> None:
    ann = make_user("ann")
    new = make(ann)
    tokens.revoke(new.row.pk, actor=ann)
    tokens.revoke(new.row.pk, actor=ann)
    (created,), (revoked,) = entries(tokens.CREATED), entries(tokens.REVOKED)
    for entry in (created, revoked):
        assert (entry.actor_label, entry.target_id, entry.target_label) == ("ann", str(new.row.pk), "robot")
        assert new.row.beginning in entry.content


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "a\x00b", "two\nlines", "turned \u202e round", "\ud800"])
def test_a_name_is_one_line_that_people_can_read(name: str) -> None:
    with pytest.raises(InvalidInput):
        make(make_user(), name)


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_it_lives_neither_for_ever_nor_not_at_all(days: int) -> None:
    with pytest.raises(InvalidInput):
        make(make_user(), days=days)


def test_a_name_is_free_again_when_its_token_has_ended() -> None:
    ann = make_user("ann")
    new = make(ann)
    with pytest.raises(InvalidInput, match="already"):
        make(ann)
    revoke(new)
    again = make(ann)
    make(make_user("bob"))
    age(again.row, expires_at=Now())
    make(ann)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_no_more_get_one_than_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_LIVE", 3)
    ann, together = make_user("ann"), Barrier(8)

    def ask(number: int) -> bool:
        together.wait()
        try:
            make(ann, f"robot {number}")
        except TooManyTokens:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 3
    assert ApiToken.objects.count() == 3


def test_somebody_elses_is_not_there() -> None:
    new, bob = make(make_user("ann")), make_user("bob")
    with pytest.raises(NotFound):
        tokens.revoke(new.row.pk, actor=bob, of=bob)
    assert with_token(new.text).get(PROMPTS).status_code == 200


# --- Over HTTP ----------------------------------------------------------------------------------------


def test_one_is_created_used_listed_and_revoked_over_http() -> None:
    ann = make_user("ann")
    made = client_of(ann).post(TOKENS, {"name": "nightly", "days": 7})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    body = made.json()
    text = body.pop("token")
    assert with_token(text).get(PROMPTS).status_code == 200
    (listed,) = client_of(ann).get(TOKENS).json()["results"]
    assert listed == body | {"last_used_at": listed["last_used_at"]}
    assert text not in str(listed)
    assert with_token(text).delete(f"{TOKENS}{body['id']}").status_code == 204
    assert with_token(text).get(PROMPTS).status_code == 401


def test_a_token_makes_no_other_token() -> None:
    answer = with_token(make(make_user()).text).post(TOKENS, {"name": "heir"})
    assert answer.status_code == 403
    assert "Sign in" in answer.json()["recoveryAction"]
    assert ApiToken.objects.count() == 1


def test_the_tokens_of_others_are_neither_listed_nor_revoked() -> None:
    new, bob = make(make_user("ann")), client_of(make_user("bob"))
    assert bob.get(TOKENS).json()["results"] == []
    assert bob.delete(f"{TOKENS}{new.row.pk}").status_code == 404


def test_the_list_has_pages_and_takes_nothing_else() -> None:
    client = client_of(make_user())
    assert client.get(TOKENS, {"page_size": 1}).status_code == 200
    assert client.get(TOKENS, {"user": 1}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": 5}, {"name": "x", "days": 0}, {"name": "x", "days": "9"}, {"name": "x", "user": 1}],
)
def test_a_body_of_another_shape_is_400(body: dict[str, Any]) -> None:
    assert client_of(make_user()).post(TOKENS, body).status_code == 400
    assert not ApiToken.objects.exists()


def test_beyond_the_most_it_is_409(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_LIVE", 1)
    ann = make_user("ann")
    make(ann)
    answer = client_of(ann).post(TOKENS, {"name": "one more"})
    assert answer.status_code == 409
    assert "Revoke" in answer.json()["recoveryAction"]
