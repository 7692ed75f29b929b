"""The browsable API: forms that bring files, under the session of a person."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from documents.models import Batch, Document
from documents.tests.api.uploading import a_file
from documents.tests.batching import make_batch
from prompts.models import PromptRequest

DOCUMENTS = "/api/ai/documents/"
BATCHES = f"{DOCUMENTS}batches/"
SANDBOX = "/api/ai/prompts/text/1/sandbox"
FORM = {"promptType": "text", "model": "simulator/default", "purpose": "", "versionNumber": ""}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def browser(admin: Any) -> Client:
    """Somebody signed in, whose forms have to show where they come from."""
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"}, raise_request_exception=False)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fill_in(browser: Client, path: str, **fields: Any) -> Any:
    """Send the form of the page, as it stands there, with these fields."""
    token = TOKEN.search(browser.get(path).content.decode())
    assert token, "The page has no form."
    return browser.post(path, {"csrfmiddlewaretoken": token[1], **fields})


def inputs(browser: Client, path: str) -> list[str]:
    return re.findall(r'<input name="(\w+)"[^>]*type="file"', browser.get(path).content.decode())


@pytest.mark.parametrize(
    ("path", "names"), [(DOCUMENTS, ["file"]), (BATCHES, ["archive", "files"]), (SANDBOX, ["file"])]
)
def test_a_page_has_an_input_for_each_file(browser: Client, path: str, names: list[str]) -> None:
    assert sorted(inputs(browser, path)) == names


def test_a_document_is_brought_in_by_its_form(browser: Client) -> None:
    assert fill_in(browser, DOCUMENTS, file=a_file()).status_code == 201
    assert Document.objects.get().name == "receipt.txt"


def test_a_batch_is_started_by_its_form(browser: Client) -> None:
    answer = fill_in(browser, BATCHES, files=[a_file("one"), a_file("two")], **FORM)
    assert answer.status_code == 201, answer.content
    assert Batch.objects.get().items.count() == 2


def test_a_batch_is_steered_by_its_forms(as_admin: APIClient, admin: Any) -> None:
    path = f"{BATCHES}{make_batch(1, admin).pk}"
    assert as_admin.post(f"{path}/pause", {"csrfmiddlewaretoken": "x"}, format="multipart").status_code == 200
    form = {"csrfmiddlewaretoken": "x", "versionNumber": "1", "model": ""}
    assert as_admin.post(f"{path}/rerun", form, format="multipart").status_code == 201


def test_a_version_is_tried_by_its_form(browser: Client) -> None:
    answer = fill_in(browser, SANDBOX, file=a_file(), text="", variables="", model="simulator/default")
    assert answer.status_code == 202, answer.content
    assert PromptRequest.objects.get().awaits_text


def test_a_form_without_its_token_is_refused(browser: Client) -> None:
    assert browser.post(DOCUMENTS, {"file": a_file()}).status_code == 403
    assert not Document.objects.exists()


@pytest.mark.parametrize("rest", ["", "results", "documents/1"])
def test_what_a_batch_came_to_has_pages(as_admin: APIClient, admin: Any, rest: str) -> None:
    answer = as_admin.get(f"{BATCHES}{make_batch(1, admin).pk}/{rest}", headers={"Accept": "text/html"})
    assert (answer.status_code, b"&quot;data&quot;" in answer.content) == (200, True)
