"""Tests of drafts among the other requests: they have variables, and no version."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.models import PromptRequest
from prompts.services import drafting
from prompts.tests.admin.stories import run_once
from prompts.tests.factories import completed, make_user
from prompts.tests.personas import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> Any:
    return make_user()


@pytest.fixture
def tried(owner: Any) -> PromptRequest:
    sent = drafting.try_draft(
        user=owner, prompt_type="text", template="{{input}}!", variables={"input": "Hey"}, model="simulator/default"
    )
    return run_once(sent, completed, "Hello.")


def test_it_can_be_read_like_any_request(owner: Any, tried: PromptRequest) -> None:
    shown = client_of(owner).get(f"/api/ai/prompts/{tried.pk}/").json()
    assert (shown["is_sandbox"], shown["version_number"], shown["prompt_text"]) == (True, None, "Hey!")
    assert (shown["variables"], shown["metadata"]["draft_of"]) == ({"input": "Hey"}, "text")


def test_it_stands_in_the_list(owner: Any, tried: PromptRequest) -> None:
    rows = client_of(owner).get("/api/ai/prompts/").json()["results"]
    assert [row["id"] for row in rows] == [str(tried.pk)]


def test_it_has_a_receipt_without_a_version(owner: Any, tried: PromptRequest) -> None:
    receipt = client_of(owner).get(f"/api/ai/prompts/{tried.pk}/receipt").json()
    assert receipt["version_number"] is None
    assert receipt["response_sha256"]


def test_nobody_else_sees_it(tried: PromptRequest) -> None:
    assert client_of(make_user()).get(f"/api/ai/prompts/{tried.pk}/").status_code == 404
