"""Comparing and rendering versions."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

TEXT = "/api/ai/prompts/text"
MODEL = "simulator/default"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_two_versions_are_compared_in_templates_and_in_what_belongs_to_them(as_admin: APIClient) -> None:
    make_version("one\n{{input}}\n", model=MODEL, parameters={"seed": 1})
    make_version("one\n{{input}}!\n", parameters={"seed": 2}, field_schema={"type": "object"})
    answer = as_admin.get(f"{TEXT}/diff", {"from": 2, "to": 3})
    assert answer.json() == {
        "data": {
            "promptType": "text",
            "fromVersion": 2,
            "toVersion": 3,
            "unified": "--- text v2\n+++ text v3\n@@ -1,2 +1,2 @@\n one\n-{{input}}\n+{{input}}!\n",
            "lines": [
                {"op": "equal", "fromLine": 1, "toLine": 1, "text": "one\n"},
                {"op": "delete", "fromLine": 2, "toLine": None, "text": "{{input}}\n"},
                {"op": "insert", "fromLine": None, "toLine": 2, "text": "{{input}}!\n"},
            ],
            "changes": {
                "model": {"from": MODEL, "to": ""},
                "parameters": {"from": {"seed": 1}, "to": {"seed": 2}},
                "fieldSchema": {"from": None, "to": {"type": "object"}},
            },
        }
    }


def test_a_version_does_not_differ_from_itself(as_admin: APIClient) -> None:
    data = as_admin.get(f"{TEXT}/diff", {"from": 1, "to": 1}).json()["data"]
    assert (data["unified"], data["changes"], {line["op"] for line in data["lines"]}) == ("", {}, {"equal"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["from"]),
        ({"from": 1}, ["to"]),
        ({"from": "x", "to": 1}, ["from"]),
        ({"from": 1, "to": "1.0"}, ["to"]),
        ({"from": 1, "to": "٣"}, ["to"]),
        ({"from": 0, "to": 1}, ["from"]),
        ({"from": 1, "to": 1, "context": 5}, ["context"]),
    ],
)
def test_a_comparison_names_what_it_lacks(as_admin: APIClient, query: dict[str, Any], names: list[str]) -> None:
    answer = as_admin.get(f"{TEXT}/diff", query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)


@pytest.mark.parametrize("number", [2, 10**30])
def test_a_comparison_with_a_version_that_is_not_there_is_404(as_admin: APIClient, number: int) -> None:
    assert as_admin.get(f"{TEXT}/diff", {"from": 1, "to": number}).status_code == 404
    assert as_admin.get("/api/ai/prompts/poem/diff", {"from": 1, "to": 1}).status_code == 404


def test_any_user_renders_the_active_version(as_stranger: APIClient) -> None:
    version = make_version("Dear {{ name }},\n{{input}} {{name}}")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    answer = as_stranger.post(f"{TEXT}/render", {"variables": {"name": "Ann", "input": "hello"}})
    text = "Dear Ann,\nhello Ann"
    assert answer.json() == {
        "data": {
            "text": text,
            "versionNumber": 2,
            "templateSha256": version.template_sha256,
            "renderedSha256": sha256(text),
        }
    }
    assert not PromptRequest.objects.exists()


def test_a_version_is_rendered_by_its_number(as_owner: APIClient) -> None:
    make_version("Say {{input}}.")
    body = {"variables": {"input": "hello"}, "versionNumber": 2}
    assert as_owner.post(f"{TEXT}/render", body).json()["data"]["text"] == "Say hello."


def test_missing_and_unknown_variables_are_named(as_owner: APIClient) -> None:
    make_version("{{one}} {{two}} {{three}}")
    body = {"variables": {"two": "", "four": "x"}, "versionNumber": 2}
    answer = as_owner.post(f"{TEXT}/render", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]["variables"] == [
        "one is missing.",
        "three is missing.",
        "The template has no placeholder {{four}}.",
    ]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["variables"]),
        ({"variables": []}, ["variables"]),
        ({"variables": {"input": 1}}, ["variables"]),
        ({"variables": {"input": None}}, ["variables"]),
        ({"variables": {"input": "x"}, "versionNumber": "1"}, ["versionNumber"]),
        ({"variables": {"input": "x"}, "versionNumber": 0}, ["versionNumber"]),
        ({"variables": {"input": "x"}, "versionNumber": True}, ["versionNumber"]),
        ({"variables": {"input": "x"}, "template": "{{input}}"}, ["template"]),
    ],
)
def test_a_body_that_cannot_be_rendered_is_refused(as_owner: APIClient, body: dict[str, Any], names: list[str]) -> None:
    answer = as_owner.post(f"{TEXT}/render", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)


@pytest.mark.parametrize("body", [{}, {"versionNumber": 2}, {"versionNumber": 2**63}])
def test_what_is_not_there_is_not_rendered(as_owner: APIClient, body: dict[str, Any]) -> None:
    assert as_owner.post("/api/ai/prompts/poem/render", {"variables": {}} | body).status_code == 404
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    assert as_owner.post(f"{TEXT}/render", {"variables": {}} | body).status_code == 404


def test_comparing_is_for_who_reads_versions(as_owner: APIClient, as_viewer: APIClient) -> None:
    path = f"{TEXT}/diff?from=1&to=1"
    assert [client.get(path).status_code for client in (as_owner, as_viewer)] == [403, 200]
