"""Idempotency keys: one answer is given again to nobody but who got it, and keeps nothing alive that has ended."""

from __future__ import annotations

from typing import Any

import pytest

from config.accounts import tokens
from config.models import User
from prompts.models import IdempotencyKey, PromptRequest
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin

PROMPTS = "/api/ai/prompts/"
QUESTION = {"prompt_type": "text", "prompt_text": "A secret.", "model": "simulator/default"}
KEYS = ["", "a" * 256, "a\r\nSet-Cookie: x=y", "a\x00b", "ก", "a\x7f", "\x1b[2J", " \t"]


def post(client: Any, key: str, body: Any = QUESTION, path: str = PROMPTS) -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key})


def test_a_key_of_somebody_else_gives_nothing_of_theirs(ann: Any) -> None:
    first = post(client_of(ann), "shared")
    for other in (make_user("bob"), make_admin()):
        second = post(client_of(other), "shared", QUESTION | {"prompt_text": "Mine."})
        assert (second.status_code, second.json()["prompt_text"]) == (201, "Mine.")
        assert second.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("end", ["revoked", "switched off"])
def test_an_ended_token_gets_no_stored_answer(ann: Any, end: str) -> None:
    new = tokens.create(user=ann, name="robot", actor=ann)
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {new.text}")
    assert post(client, "k").status_code == 201
    if end == "revoked":
        tokens.revoke(new.row.pk, actor=ann)
    else:
        User.objects.filter(pk=ann.pk).update(is_active=False)
    again = post(client, "k")
    assert again.status_code == 401
    assert "A secret." not in again.text


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_no_key_is_refused_and_stored_nowhere(ann: Any, key: str) -> None:
    answer = post(client_of(ann), key)
    assert answer.status_code == 400, answer.content
    assert "Set-Cookie" not in answer.headers
    assert (PromptRequest.objects.count(), IdempotencyKey.objects.count()) == (0, 0)


def test_a_key_does_not_lead_to_another_address(ann: Any) -> None:
    post(client_of(ann), "k")
    answer = post(client_of(ann), "k", {"name": "robot"}, "/api/tokens/")
    assert "A secret." not in answer.text


def test_a_power_that_was_taken_away_gets_no_stored_answer(db: None) -> None:
    admin = make_admin()
    body = {"slug": "poem", "label": "A secret."}
    assert post(client_of(admin), "k", body, "/api/ai/prompt-types/").status_code == 201
    admin.user_permissions.clear()
    again = post(client_of(User.objects.get(pk=admin.pk)), "k", body, "/api/ai/prompt-types/")
    assert (again.status_code, "A secret." in again.text) == (403, False)
