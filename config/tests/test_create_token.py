"""`manage.py create_token`."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.models import ApiToken, User

pytestmark = pytest.mark.django_db


def create_token(*arguments: str) -> str:
    output = io.StringIO()
    call_command("create_token", *arguments, stdout=output)
    return output.getvalue()


def status_with(token: str) -> int:
    """How the API answers to the token."""
    return Client().get("/api/ai/prompts/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_the_access_token_opens_the_api() -> None:
    User.objects.create_user("somchai")
    assert status_with(create_token("somchai", "--access").strip()) == 200


def test_the_refresh_token_gets_new_ones() -> None:
    User.objects.create_user("somchai")
    tokens = dict(line.split(": ") for line in create_token("somchai").splitlines())
    answer = Client().post("/api/token/refresh/", {"refresh": tokens["refresh"]}, content_type="application/json")
    assert status_with(answer.json()["access"]) == 200
    assert status_with(tokens["access"]) == 200


def test_a_user_who_does_not_exist_gets_a_clear_refusal() -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        create_token("nobody")


def test_a_deactivated_user_gets_no_token() -> None:
    User.objects.create_user("gone", is_active=False)
    with pytest.raises(CommandError, match="deactivated"):
        create_token("gone")


def test_with_a_name_it_is_an_api_token() -> None:
    User.objects.create_user("somchai")
    assert status_with(create_token("somchai", "--name", "nightly import", "--days", "7").strip()) == 200
    (row,) = ApiToken.objects.all()
    assert (row.user.username, row.name, (row.expires_at - row.created_at).days) == ("somchai", "nightly import", 7)


@pytest.mark.parametrize(("name", "days"), [("", "9"), ("x", "0"), ("x", "367")])
def test_an_api_token_that_can_not_be_is_refused(name: str, days: str) -> None:
    User.objects.create_user("somchai")
    with pytest.raises(CommandError) as refusal:
        create_token("somchai", "--name", name, "--days", days)
    assert refusal.value.returncode == 2
    assert not ApiToken.objects.exists()
