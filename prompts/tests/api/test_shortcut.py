"""Sending a prompt on the shortest way is answered as the framework answers, to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.api.ways import FILLED, ORDINARY, QUESTION, both_ways, send
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db


GOOD: dict[str, Any] = {
    "a text": QUESTION,
    "variables": FILLED,
    "a pinned version": FILLED | {"version_number": 1},
    "no model": {"prompt_type": "text", "prompt_text": "x"},
    "everything": QUESTION
    | {
        "purpose": "Ticket 7 ตั๋ว",
        "parameters": {"temperature": 0.25, "seed": 7, "stop": ["a", "b"]},
        "metadata": {"deep": [{"er": None}], "big": 2**63, "float": 1e300, "thai": "ก", "truth": True},
        "run_at": "2030-01-01T12:00:00+07:00",
    },
    "a past time": QUESTION | {"run_at": "2001-01-01T00:00:00Z"},
    "no time": QUESTION | {"run_at": None},
    "spaces around": QUESTION | {"model": " simulator/default ", "purpose": " x "},
    "a brace": QUESTION | {"prompt_text": ' {{input}} \\ " \x7f\r\n\t\u2028 ' * 3},
    "a name twice": b'{"prompt_type":"text","prompt_text":"a","prompt_text":"b","model":"simulator/default"}',
    "a byte order": b' \n{"prompt_type":"text","prompt_text":"\\u0e01","model":"simulator/default"}\n ',
    "a simulation": QUESTION | {"parameters": {"simulate": {"text": "Hi."}}},
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_request_is_answered_at_once_and_as_the_framework_does(
    as_owner: APIClient, answered_at_once: list[Any], name: str
) -> None:
    make_version("Say {{input}}.", parameters={"top_p": 0.5})
    quick, ordinary = both_ways(as_owner, GOOD[name])
    assert quick == ordinary
    assert (quick[0], [answer is not None for answer in answered_at_once]) == (201, [True, False])


@pytest.mark.parametrize("name", GOOD)
def test_the_same_is_stored_on_both_ways(as_owner: APIClient, name: str) -> None:
    for headers in ({}, ORDINARY):
        send(as_owner, GOOD[name], **headers)
    own = {"id", "created_at", "next_attempt_at"}
    quick, ordinary = PromptRequest.objects.order_by("id").values()
    assert {k: v for k, v in quick.items() if k not in own} == {k: v for k, v in ordinary.items() if k not in own}
    assert (quick["next_attempt_at"] == quick["created_at"]) == (ordinary["next_attempt_at"] == ordinary["created_at"])


BAD: dict[str, Any] = {
    "no JSON": b'{"prompt_text": ',
    "NaN": b'{"prompt_type": "text", "prompt_text": "x", "metadata": {"n": NaN}}',
    "no object": b'["prompt_text"]',
    "nothing": b"",
    "no UTF-8": b'{"prompt_type": "text", "prompt_text": "\xff"}',
    "a lone surrogate": b'{"prompt_type": "text", "prompt_text": "\\ud800"}',
    "a NUL": b'{"prompt_type": "text", "prompt_text": "a\\u0000"}',
    "a NUL in a name": b'{"prompt_type": "text", "prompt_text": "a", "metadata": {"\\u0000": 1}}',
    "too deep": b'{"metadata": ' + b"[" * 70 + b"]" * 70 + b"}",
    "too many values": b'{"metadata": [' + b'"a",' * 100_001 + b'"a"]}',
    "an unknown field": QUESTION | {"lease_token": 7},
    "a field of the server's": QUESTION | {"status": "completed"},
    "a null": QUESTION | {"model": None},
    "an empty model": QUESTION | {"model": ""},
    "a number": QUESTION | {"prompt_text": 7},
    "no type": {"prompt_text": "x"},
    "another type": QUESTION | {"prompt_type": "poetry"},
    "another model": QUESTION | {"model": "nobody/knows"},
    "both": QUESTION | {"variables": {"input": "x"}},
    "neither": {"prompt_type": "text"},
    "an empty text": QUESTION | {"prompt_text": " \n"},
    "too long": QUESTION | {"prompt_text": "ก" * 349_526},
    "a missing variable": FILLED | {"variables": {}},
    "a wrong variable": FILLED | {"variables": {"input": "a", "tongue": "b"}},
    "a variable of no text": FILLED | {"variables": {"input": 1}},
    "no such version": FILLED | {"version_number": 7},
    "a version and a text": QUESTION | {"version_number": 1},
    "no such option": QUESTION | {"parameters": {"api_key": "k"}},
    "an option out of range": QUESTION | {"parameters": {"temperature": 9}},
    "much metadata": QUESTION | {"metadata": {"x": "y" * 70_000}},
    "no such day": QUESTION | {"run_at": "2030-02-30T00:00:00Z"},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused_is_refused_by_the_framework(
    as_owner: APIClient, answered_at_once: list[Any], name: str
) -> None:
    quick, ordinary = both_ways(as_owner, BAD[name])
    assert quick == ordinary
    assert (quick[0], answered_at_once, PromptRequest.objects.count()) == (400, [None, None], 0)


def test_a_type_that_takes_no_requests_is_refused_alike(as_owner: APIClient) -> None:
    PromptType.objects.filter(slug="text").update(is_active=False)
    quick, ordinary = both_ways(as_owner, QUESTION)
    assert quick == ordinary
    assert (quick[0], list(quick[2]["errors"])) == (400, ["prompt_type"])


def test_a_type_without_an_active_version_takes_texts_and_no_variables(as_owner: APIClient) -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    quick, ordinary = both_ways(as_owner, FILLED)
    assert quick == ordinary
    assert (quick[0], send(as_owner, QUESTION).status_code) == (409, 201)


def test_a_version_that_was_just_activated_is_the_one_that_is_filled_in(as_owner: APIClient, admin: Any) -> None:
    assert send(as_owner, FILLED).json()["version_number"] == 1
    version = make_version("Sing {{input}}.")
    lifecycle.activate_version("text", version.version_number, actor=admin)
    assert send(as_owner, FILLED).json()["prompt_text"] == "Sing {{input}} ก."


def test_a_model_that_is_not_allowed_is_refused_alike(as_owner: APIClient, settings: Any) -> None:
    settings.MODELS_ALLOWED = ["simulator/other"]
    quick, ordinary = both_ways(as_owner, QUESTION)
    assert quick == ordinary
    assert quick[0] == 400


def test_the_limit_of_unfinished_requests_counts_on_the_short_way(
    as_owner: APIClient, answered_at_once: list[Any], settings: Any
) -> None:
    settings.MAX_UNFINISHED_PER_USER = 1
    assert send(as_owner, QUESTION).status_code == 201
    quick, ordinary = both_ways(as_owner, QUESTION)
    assert quick == ordinary
    assert (quick[0], quick[1]["Retry-After"], PromptRequest.objects.count()) == (429, "5", 1)
    assert [answer is not None for answer in answered_at_once] == [True, False, False]
