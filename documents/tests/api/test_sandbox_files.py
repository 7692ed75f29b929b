"""Trying versions out, on files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Document
from documents.models.document_file import Priority
from documents.tests.api.uploading import a_file, send
from documents.tests.factories import fail_document, read_document, upload
from prompts.models import PromptRequest, PromptType
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

TEXT = "/api/ai/prompts/text"
MODEL = "simulator/default"


def try_file(client: APIClient, path: str = f"{TEXT}/1/sandbox", content: str = "Total 12.00", **given: Any) -> Any:
    return send(client, path, {"file": a_file(content), "model": MODEL} | given)


def test_a_file_is_taken_and_its_request_waits_for_the_text(as_admin: APIClient, admin: Any) -> None:
    answer = try_file(as_admin)
    assert answer.status_code == 202, answer.content
    request, document = PromptRequest.objects.get(), Document.objects.get()
    assert answer.json() == {"data": {"requestId": str(request.pk), "versionNumber": 1, "status": "pending"}}
    assert (document.user, document.name, document.file.priority) == (admin, "receipt.txt", Priority.PERSON)
    shown = as_admin.get(answer.headers["Location"]).json()
    assert (shown["awaits_text"], shown["prompt_text"], shown["is_sandbox"]) == (True, "", True)


def test_when_the_file_is_read_the_request_shows_the_rendered_prompt(as_admin: APIClient) -> None:
    make_version("Read: {{input}}", model=MODEL)
    answer = try_file(as_admin, f"{TEXT}/2/sandbox")
    read_document(Document.objects.get(), "Total 12.00")
    shown = as_admin.get(answer.headers["Location"]).json()
    assert (shown["awaits_text"], shown["prompt_text"]) == (False, "Read: Total 12.00")
    assert shown["variables"] == {"input": "Total 12.00"}


def test_a_file_whose_text_is_known_is_asked_about_at_once(as_admin: APIClient) -> None:
    read_document(upload("Total 12.00"), "Total 12.00")
    try_file(as_admin)
    request = PromptRequest.objects.get()
    assert (request.awaits_text, request.prompt_text) == (False, "Total 12.00")


def test_a_file_that_is_known_to_be_unreadable_is_refused_in_words(as_admin: APIClient) -> None:
    fail_document(upload("Total 12.00"), "encrypted")
    answer = try_file(as_admin)
    assert answer.status_code == 400
    assert "password" in answer.json()["errors"]["file"][0]
    assert not PromptRequest.objects.exists()


def test_when_the_file_turns_out_to_be_unreadable_the_request_says_so(as_admin: APIClient) -> None:
    answer = try_file(as_admin)
    fail_document(Document.objects.get(), "broken")
    shown = as_admin.get(answer.headers["Location"]).json()
    assert (shown["status"], shown["error_class"]) == ("failed", "unreadable_document")
    assert "damaged" in shown["error_message"]


def test_the_active_version_is_pinned_when_the_try_out_begins(as_admin: APIClient) -> None:
    answer = try_file(as_admin, f"{TEXT}/sandbox")
    version = make_version("Later: {{input}}")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    read_document(Document.objects.get(), "Total 12.00")
    assert answer.json()["data"]["versionNumber"] == 1
    assert PromptRequest.objects.get().prompt_text == "Total 12.00"


def test_other_placeholders_are_filled_from_the_variables(as_admin: APIClient) -> None:
    PromptType.objects.filter(slug="text").update(required_placeholders=["input"])
    make_version("{{tongue}}: {{input}}", model=MODEL)
    assert try_file(as_admin, f"{TEXT}/2/sandbox").json()["errors"] == {"variables": ["tongue is missing."]}
    assert try_file(as_admin, f"{TEXT}/2/sandbox", variables=json.dumps({"tongue": "Thai"})).status_code == 202
    read_document(Document.objects.get(), "Total 12.00")
    assert PromptRequest.objects.get().prompt_text == "Thai: Total 12.00"


def test_a_form_without_a_file_is_a_try_out_on_its_text(as_admin: APIClient) -> None:
    answer = send(as_admin, f"{TEXT}/1/sandbox", {"text": "hello", "variables": "", "model": MODEL})
    assert answer.status_code == 202, answer.content
    assert PromptRequest.objects.get().prompt_text == "hello"


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, ["text"]),
        ({"file": a_file(), "text": "x"}, ["text"]),
        ({"file": "no file"}, ["file"]),
        ({"file": a_file(b"")}, ["file"]),
        ({"file": a_file(b"\x00\x01\x02")}, ["file"]),
        ({"file": a_file(), "variables": "{"}, ["variables"]),
        ({"file": a_file(), "variables": "[]"}, ["variables"]),
        ({"file": a_file(), "variables": '{"x": 1}'}, ["variables"]),
        ({"file": a_file(), "variables": '{"x": "\\u0000"}'}, ["variables"]),
        ({"file": a_file(), "variables": '{"x": "\\ud800"}'}, ["variables"]),
        ({"file": a_file(), "variables": '{"x": "y"}'}, ["variables"]),
        ({"file": a_file(), "variables": "[" * 5000}, ["variables"]),
        ({"file": a_file(), "model": "nobody/knows"}, ["model"]),
        ({"file": a_file(), "isSandbox": "false"}, ["isSandbox"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_form_that_cannot_run_is_refused_and_leaves_nothing(
    as_admin: APIClient, form: dict[str, Any], names: list[str]
) -> None:
    answer = send(as_admin, f"{TEXT}/1/sandbox", form)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not PromptRequest.objects.exists()
    assert not Document.objects.exists()


def test_one_key_and_file_try_once(as_admin: APIClient) -> None:
    path = f"{TEXT}/1/sandbox"
    first, second = (send(as_admin, path, {"file": a_file(), "model": MODEL}, key="k") for _ in range(2))
    assert (second.status_code, second.json()) == (202, first.json())
    assert (PromptRequest.objects.count(), Document.objects.count()) == (1, 1)
    assert send(as_admin, path, {"file": a_file("other"), "model": MODEL}, key="k").status_code == 422


@pytest.mark.parametrize("path", ["/1/sandbox", "/sandbox"])
def test_a_file_is_tried_by_who_writes_versions_only(as_owner: APIClient, path: str) -> None:
    assert try_file(as_owner, f"{TEXT}{path}").status_code == 403
    assert not Document.objects.exists()
