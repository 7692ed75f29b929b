"""Idempotency-Key: one key, one creation, one answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from rest_framework.test import APIClient

from prompts.models import IdempotencyKey, PromptRequest, PromptType
from prompts.services.idempotency import Answer, answer_once
from prompts.tests.personas import client_of

PROMPTS = "/api/ai/prompts/"
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}


def post(client: APIClient, key: str, body: Any = QUESTION, path: str = PROMPTS) -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key})


def test_the_same_key_and_body_get_the_first_answer_again(as_owner: APIClient) -> None:
    first, second = post(as_owner, "k"), post(as_owner, "k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert PromptRequest.objects.get().idempotency_key == "k"


def test_the_order_of_a_bodys_names_does_not_matter(as_owner: APIClient) -> None:
    post(as_owner, "k")
    assert post(as_owner, "k", dict(reversed(QUESTION.items()))).headers["Idempotent-Replayed"] == "true"


def test_the_trailing_slash_does_not_matter(as_owner: APIClient) -> None:
    post(as_owner, "k")
    assert post(as_owner, "k", path=PROMPTS.rstrip("/")).headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_422(as_owner: APIClient) -> None:
    post(as_owner, "k")
    answer = post(as_owner, "k", QUESTION | {"prompt_text": "Say goodbye."})
    assert answer.status_code == 422
    assert PromptRequest.objects.count() == 1


def test_the_answer_stays_the_first_one_when_the_state_has_moved_on(as_owner: APIClient) -> None:
    first = post(as_owner, "k")
    as_owner.post(f"{first.headers['Location']}/cancel")
    PromptType.objects.update(is_active=False)
    assert post(as_owner, "k").json() == first.json()


def test_a_key_belongs_to_its_user(as_owner: APIClient, as_stranger: APIClient) -> None:
    assert post(as_owner, "k").json()["id"] != post(as_stranger, "k").json()["id"]


def test_a_key_belongs_to_its_route(as_owner: APIClient) -> None:
    original = post(as_owner, "k").headers["Location"]
    replay = post(as_owner, "k", {}, f"{original}/replay")
    assert "Idempotent-Replayed" not in replay.headers
    assert post(as_owner, "k", {}, f"{original}/replay").headers["Idempotent-Replayed"] == "true"


def test_a_prompt_type_is_created_once_too(as_admin: APIClient) -> None:
    body = {"slug": "poem", "label": "Poem"}
    answers = [post(as_admin, "k", body, "/api/ai/prompt-types/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_after_24_hours_a_key_counts_as_unused(as_owner: APIClient) -> None:
    post(as_owner, "k")
    IdempotencyKey.objects.update(created_at=Now() - timedelta(hours=24, seconds=1))
    answer = post(as_owner, "k", QUESTION | {"prompt_text": "Say goodbye."})
    assert (answer.status_code, PromptRequest.objects.count()) == (201, 2)
    assert post(as_owner, "k", QUESTION | {"prompt_text": "Say goodbye."}).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("fault", [{"prompt_text": ""}, {"prompt_type": "poetry"}])
def test_a_refused_body_does_not_use_up_the_key(as_owner: APIClient, fault: dict[str, str]) -> None:
    assert post(as_owner, "k", QUESTION | fault).status_code == 400
    assert post(as_owner, "k").status_code == 201


def test_a_refused_token_does_not_use_up_the_key(as_owner: APIClient) -> None:
    assert post(client_of(), "k").status_code == 401
    assert "Idempotent-Replayed" not in post(as_owner, "k").headers


@pytest.mark.parametrize("key", ["", "x" * 256, "กุญแจ", "a\x7fb"])
def test_a_malformed_key_is_refused(as_owner: APIClient, key: str) -> None:
    answer = post(as_owner, key)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert not PromptRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_with_one_key_make_one_row(owner: Any) -> None:
    together = Barrier(50)

    def send(_number: int) -> Any:
        client = client_of(owner)
        together.wait()
        try:
            return post(client, "k")
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(send, range(50)))
    assert PromptRequest.objects.count() == 1
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert len([a for a in answers if a.status_code == 201 and "Idempotent-Replayed" not in a.headers]) == 1
    assert {a.json()["id"] for a in answers if a.status_code == 201} == {str(PromptRequest.objects.get().pk)}
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 409)


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_to_wait(owner: Any) -> None:
    under_way, answered = Barrier(2, timeout=20), Barrier(2, timeout=20)

    def hold() -> None:
        def produce() -> Answer:
            under_way.wait()
            answered.wait()
            return Answer(201, {})

        answer_once(user=owner, route=PROMPTS.rstrip("/"), key="k", body=QUESTION, produce=produce)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold)
        under_way.wait()
        answer = post(client_of(owner), "k")
        answered.wait()
        holding.result()
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert not PromptRequest.objects.exists()
