"""Trying versions out, on texts."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

TEXT = "/api/ai/prompts/text"
OCR = "/api/ai/prompts/ocr_extraction"
MODEL = "simulator/default"


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


@pytest.mark.parametrize("path", ["/1/sandbox", "/sandbox"])
def test_trying_is_for_who_writes_versions(as_owner: APIClient, as_editor: APIClient, path: str) -> None:
    body = {"text": "x", "model": MODEL}
    assert [client.post(f"{TEXT}{path}", body).status_code for client in (as_owner, as_editor)] == [403, 202]


def test_without_a_number_the_active_version_is_tried_and_named(as_admin: APIClient) -> None:
    version = make_version("Try: {{input}}", model=MODEL)
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    answer = as_admin.post(f"{TEXT}/sandbox", {"text": "x"})
    assert (answer.status_code, answer.json()["data"]["versionNumber"]) == (202, 2)
    assert PromptRequest.objects.get().prompt_text == "Try: x"


def test_without_an_active_version_nothing_is_tried_and_it_says_so(as_admin: APIClient) -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    answer = as_admin.post(f"{TEXT}/sandbox", {"text": "x"})
    assert (answer.status_code, answer.json()["message"]) == (404, "The prompt type “text” has no active version.")
    assert not PromptRequest.objects.exists()


def test_of_a_type_that_is_not_there_nothing_is_tried(as_admin: APIClient) -> None:
    assert as_admin.post("/api/ai/prompts/poem/sandbox", {"text": "x"}).status_code == 404
