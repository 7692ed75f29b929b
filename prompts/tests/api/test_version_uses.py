"""Comparing, rendering and trying versions."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

TEXT = "/api/ai/prompts/text"
OCR = "/api/ai/prompts/ocr_extraction"
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


def test_a_try_out_runs_that_version_and_not_the_active_one(as_admin: APIClient, admin: Any) -> None:
    make_version("Try: {{ocr_text}}", prompt_type="ocr_extraction", model=MODEL, parameters={"seed": 7})
    answer = as_admin.post(f"{OCR}/2/sandbox", {"text": "Invoice 7"})
    assert answer.status_code == 202, answer.content
    request = PromptRequest.objects.get()
    assert answer.json() == {"data": {"requestId": str(request.pk), "versionNumber": 2, "status": "pending"}}
    assert answer.headers["Location"] == f"/api/ai/prompts/{request.pk}"
    assert (request.user, request.is_sandbox, request.prompt_text) == (admin, True, "Try: Invoice 7")
    assert (request.model, request.parameters, request.variables) == (MODEL, {"seed": 7}, {"ocr_text": "Invoice 7"})


def test_a_text_goes_to_the_placeholder_that_the_type_requires(as_admin: APIClient) -> None:
    PromptType.objects.filter(slug="text").update(required_placeholders=["input"])
    make_version("{{input}} {{tongue}}", model=MODEL)
    refused = as_admin.post(f"{TEXT}/2/sandbox", {"text": "x"})
    assert refused.json()["errors"] == {"variables": ["tongue is missing."]}
    variables = {"input": "x", "tongue": "Thai"}
    assert as_admin.post(f"{TEXT}/2/sandbox", {"variables": variables}).status_code == 202


def test_a_text_for_one_of_many_placeholders_is_refused_with_their_names(as_admin: APIClient) -> None:
    make_version("{{one}} {{two}}", model=MODEL)
    (problem,) = as_admin.post(f"{TEXT}/2/sandbox", {"text": "x"}).json()["errors"]["text"]
    assert "{{one}}, {{two}}" in problem


def test_a_template_without_placeholders_is_tried_without_a_text(as_admin: APIClient) -> None:
    make_version("Say hello.", model=MODEL)
    assert as_admin.post(f"{TEXT}/2/sandbox", {"text": "x"}).status_code == 400
    assert as_admin.post(f"{TEXT}/2/sandbox", {"variables": {}}).status_code == 202


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["text"]),
        ({"text": "x", "variables": {"input": "x"}}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": 1}, ["text"]),
        ({"variables": {"input": 1}}, ["variables"]),
        ({"text": "x", "model": "nobody/knows"}, ["model"]),
        ({"text": "x", "isSandbox": False}, ["isSandbox"]),
        ({"text": "x", "prompt_type": "code"}, ["prompt_type"]),
        ({"text": "x" * 1_048_577}, ["variables"]),
    ],
)
def test_a_try_out_that_cannot_run_is_refused(as_admin: APIClient, body: dict[str, Any], names: list[str]) -> None:
    answer = as_admin.post(f"{TEXT}/1/sandbox", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not PromptRequest.objects.exists()


@pytest.mark.parametrize("path", [f"{TEXT}/2", f"{TEXT}/0", "/api/ai/prompts/poem/1"])
def test_a_version_that_is_not_there_is_not_tried(as_admin: APIClient, path: str) -> None:
    assert as_admin.post(f"{path}/sandbox", {"text": "x"}).status_code == 404


def test_one_key_tries_once(as_admin: APIClient) -> None:
    body, key = {"text": "x", "model": MODEL}, {"Idempotency-Key": "k"}
    first, second = (as_admin.post(f"{TEXT}/1/sandbox", body, headers=key) for _ in range(2))
    assert (second.status_code, second.json()) == (202, first.json())
    assert PromptRequest.objects.get().idempotency_key == "k"
    assert as_admin.post(f"{TEXT}/1/sandbox", body | {"text": "y"}, headers=key).status_code == 422


@pytest.mark.parametrize(("method", "path"), [("get", "/diff?from=1&to=1"), ("post", "/1/sandbox")])
def test_comparing_and_trying_are_for_who_manages_all(as_owner: APIClient, method: str, path: str) -> None:
    assert getattr(as_owner, method)(f"{TEXT}{path}").status_code == 403
