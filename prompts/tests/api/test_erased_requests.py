"""The API says since when a text is gone, and refuses what needs it."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.models import PromptRequest
from prompts.tests.admin.stories import answered
from prompts.tests.erased import erase
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin

pytestmark = pytest.mark.django_db
PROMPTS = "/api/ai/prompts/"
TYPE = "/api/ai/prompt-types/text/"


@pytest.fixture
def ann() -> Any:
    return make_user("ann")


@pytest.fixture
def erased(ann: Any) -> PromptRequest:
    request = answered("A secret answer.", user=ann, prompt_text="A secret question.")
    erase(request)
    return request


def test_list_and_detail_tell_since_when_the_texts_are_gone(ann: Any, erased: PromptRequest) -> None:
    (row,) = client_of(ann).get(PROMPTS).json()["results"]
    detail = client_of(ann).get(f"{PROMPTS}{erased.pk}/").json()
    for shown in (row, detail):
        assert shown["texts_erased_at"]
        assert shown["prompt_text"] == ""
    assert detail["response"]["response_text"] == ""


def test_a_replay_is_refused_and_says_why(ann: Any, erased: PromptRequest) -> None:
    refused = client_of(ann).post(f"{PROMPTS}{erased.pk}/replay/", {}, format="json")
    assert refused.status_code == 409
    assert "was erased" in refused.json()["message"]


def test_terms_of_a_type_are_set_by_who_manages_everything(ann: Any) -> None:
    assert client_of(ann).patch(TYPE, {"keep_texts_days": 7}, format="json").status_code == 403
    admin = client_of(make_admin())
    changed = admin.patch(TYPE, {"keep_texts_days": 7, "keep_facts_days": 400}, format="json").json()
    assert (changed["keep_texts_days"], changed["keep_facts_days"]) == (7, 400)
    assert admin.patch(TYPE, {"keep_texts_days": None}, format="json").json()["keep_texts_days"] is None


@pytest.mark.parametrize(
    "terms", [{"keep_texts_days": 0}, {"keep_texts_days": 8, "keep_facts_days": 7}, {"keep_facts_days": 1.5}]
)
def test_terms_that_make_no_sense_are_refused(terms: dict[str, Any]) -> None:
    refused = client_of(make_admin()).patch(TYPE, terms, format="json")
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) <= set(terms)
