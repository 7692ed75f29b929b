"""The pages of the browsable API: what their forms hold, and what they are called."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.tests.personas import client_of, make_admin

pytestmark = pytest.mark.usefixtures("plain_static_files")

PROMPTS, TYPES = "/api/ai/prompts/", "/api/ai/prompt-types/"
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello."}
CONTENT = re.compile(r'<textarea[^>]*name="_content"[^>]*>(.*?)</textarea>', re.DOTALL)
CRUMBS = re.compile(r'<ul class="breadcrumb">(.*?)</ul>', re.DOTALL)


@pytest.fixture
def client(db: None) -> APIClient:
    return client_of(make_admin())


def page_of(client: APIClient, path: str) -> str:
    return str(client.get(path, headers={"Accept": "text/html"}).content, "utf-8")


def prefilled(client: APIClient, path: str) -> Any:
    """The body that stands in the page's raw form."""
    (content,) = CONTENT.findall(page_of(client, path))
    return json.loads(unescape(content))


@pytest.mark.parametrize(
    ("path", "filled_in"), [(PROMPTS, QUESTION), (TYPES, {"slug": "poem", "label": "Poem"})], ids=["prompts", "types"]
)
def test_the_prefilled_body_is_accepted_once_what_it_holds_is_filled_in(
    client: APIClient, path: str, filled_in: dict[str, str]
) -> None:
    template = prefilled(client, path)
    assert set(template) == set(filled_in)
    assert client.post(path, template | filled_in).status_code == 201


@pytest.mark.parametrize(("action", "status"), [("replay", 201), ("cancel", 200)])
def test_the_prefilled_body_of_an_action_is_accepted_as_it_is(client: APIClient, action: str, status: int) -> None:
    path = f"{client.post(PROMPTS, QUESTION).headers['Location']}/{action}"
    assert client.post(path, prefilled(client, path)).status_code == status


def test_the_prefilled_change_of_a_type_holds_what_it_is_and_changes_nothing(client: APIClient) -> None:
    path = f"{TYPES}text"
    before = client.get(path).json()
    template = prefilled(client, path)
    after = client.patch(path, template)
    assert after.status_code == 200
    assert after.json() | {"updated_at": ""} == before | {"updated_at": ""}
    assert before | template == before


def test_the_way_back_is_named_after_what_is_there(client: APIClient) -> None:
    path = client.post(PROMPTS, QUESTION).headers["Location"]
    (crumbs,) = CRUMBS.findall(page_of(client, path))
    assert re.findall(r">([^<>]+)</a>", crumbs) == ["Prompts", "Prompt"]


@pytest.mark.parametrize(
    ("path", "method", "filled_in", "status"),
    [
        ("text", "post", {"template": "Say {{input}}."}, 201),
        ("text/render", "post", {"variables": {"input": "x"}}, 200),
        ("text/1/activate", "post", {}, 200),
        ("text/1/note", "patch", {"manualNote": "x"}, 200),
        ("text/1/sandbox", "post", {"text": "x"}, 202),
    ],
)
def test_the_prefilled_body_of_a_version_is_accepted_once_it_is_filled_in(
    client: APIClient, path: str, method: str, filled_in: dict[str, Any], status: int
) -> None:
    template = prefilled(client, f"{PROMPTS}{path}")
    assert set(template) == set(filled_in)
    assert getattr(client, method)(f"{PROMPTS}{path}", template | filled_in).status_code == status


@pytest.mark.parametrize("path", ["text", "text/1", "text/diff?from=1&to=1", "text/active"])
def test_versions_have_pages(client: APIClient, path: str) -> None:
    assert "promptType" in page_of(client, f"{PROMPTS}{path}")
