"""Hostile forms: what the pages of the console take as text or as JSON, made to break what reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.tests.batching import make_batch
from prompts.models import PromptType
from prompts.tests.admin.benches import bench, typed
from prompts.tests.admin.conftest import signed_in
from prompts.tests.factories import make_request, make_version

pytestmark = pytest.mark.timeout(300)

TEXTS = {
    "NUL": "a\x00b",
    "a million characters": "x" * 1_000_000,
    "controls": "\x01\x1b[2J\x7f\x85\u2028\u202e",
    "no characters": "\ufffe\uffff\ufeff\U0010ffff",
    "combining": "e" + "\u0301" * 100_000,
}
JSON = {
    "NUL": '{"system": "a\\u0000b"}',
    "NUL in a name": '{"a\\u0000": 1}',
    "lone surrogate": '{"system": "\\ud800"}',
    "NaN": '{"temperature": NaN}',
    "1e999": '{"temperature": 1e999}',
    "a long number": f'{{"seed": {"9" * 100_000}}}',
    "a hundred thousand deep": '{"a": ' + "[" * 100_000,
    "a closed thousand deep": '{"a": ' + "[" * 1000 + "]" * 1000 + "}",
    "doubled names": '{"temperature": 1, "temperature": 2}',
    "an array": "[1, 2]",
    "null": "null",
    "no JSON": "{'a': 1}",
}


def of_version() -> str:
    return reverse("admin:prompts_promptversion_note", args=[make_version().pk])


def of_replay() -> str:
    return reverse("admin:prompts_promptrequest_replay", args=[make_request().pk])


def of_type() -> str:
    return reverse("admin:prompts_prompttype_change", args=[PromptType.objects.get(slug="text").pk])


def of_batch() -> str:
    return reverse("admin:documents_batch_rerun", args=[make_batch(1, model="simulator/default").pk])


def of_group() -> str:
    return reverse("admin:auth_group_change", args=[Group.objects.order_by("pk")[0].pk])


FORMS: dict[str, tuple[Callable[[], str], list[str]]] = {
    "workbench": (bench, ["template", "model", "manual_note", "version", "seen"]),
    "checks": (lambda: bench(part="_check"), ["template", "model", "manual_note"]),
    "try-out": (lambda: bench(part="_run"), ["template", "model", "value-input", "left", "compare"]),
    "draft": (lambda: "/admin/prompts/promptversion/add/", ["prompt_type", "template", "model", "manual_note"]),
    "note": (of_version, ["manual_note"]),
    "type": (of_type, ["label", "description", "default_model", "required_placeholders", "max_template_length"]),
    "new type": (lambda: "/admin/prompts/prompttype/add/", ["slug", "label", "description"]),
    "replay": (of_replay, ["model", "version", "prompt_text"]),
    "token": (lambda: "/admin/system/apitoken/add/", ["name", "days"]),
    "account": (lambda: "/admin/system/user/add/", ["username", "password1", "password2"]),
    "group": (of_group, ["name", "permissions"]),
    "re-run": (of_batch, ["model", "version", "purpose", "placeholder"]),
    "sign-in": (lambda: "/admin/login/", ["username", "password"]),
    "lists": (lambda: "/admin/prompts/promptrequest/", ["action", "_selected_action", "select_across", "index"]),
}


def page(root: Any) -> Client:
    """An error of ours is an answer, as it would be outside."""
    return signed_in(root, raise_request_exception=False)


@pytest.mark.parametrize("form", FORMS)
def test_a_text_that_breaks_things_is_no_error_of_ours(root: Any, form: str) -> None:
    path, fields = FORMS[form]
    browser, address = page(root), path()
    for name, text in TEXTS.items():
        for each in fields:
            answer = browser.post(address, typed(**{each: text}))
            assert answer.status_code < 500, (each, name)


@pytest.mark.parametrize("name", JSON)
def test_json_that_breaks_things_is_told_at_its_field(root: Any, name: str) -> None:
    browser = page(root)
    for address in (bench(), bench(part="_check"), "/admin/prompts/promptversion/add/", of_type()):
        for field in ("parameters", "field_schema", "default_parameters"):
            sent = typed(prompt_type="text", label="Text", max_template_length="4000", **{field: JSON[name]})
            assert browser.post(address, sent).status_code < 500, (address, field)


@pytest.mark.parametrize("name", [*JSON, *TEXTS])
@pytest.mark.parametrize("ending", ["json", "jsonl", "csv"])
def test_labels_that_break_things_are_told_at_their_field(root: Any, name: str, ending: str) -> None:
    content = (JSON | TEXTS)[name]
    for text in (content, f'[{{"file": "a.txt", "fields": {content}}}]', f"file,total\na.txt,{content}\n"):
        labels = SimpleUploadedFile(f"labels.{ending}", text.encode("utf-8", "surrogatepass"))
        sent = {"name": "receipts", "labels": labels, "uploads": [SimpleUploadedFile("a.txt", b"Total 1.00")]}
        assert page(root).post("/admin/documents/labelledset/add/", sent).status_code < 500


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/system/apitoken/add/", "/i18n/setlang/"])
def test_a_form_of_a_million_fields_is_refused(root: Any, path: str) -> None:
    many = "&".join(f"a{number}=" for number in range(100_000))
    kind = "application/x-www-form-urlencoded"
    assert page(root).post(path, many, content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"--x", b"--x\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="a\x00"\r\n\r\nb\r\n--x--', b"\x00" * 1000],
)
@pytest.mark.parametrize("boundary", ["x", "", "\u00e9", "x" * 5000])
def test_a_broken_form_with_files_is_no_error_of_ours(root: Any, body: bytes, boundary: str) -> None:
    for path in ("/admin/documents/document/add/", "/api/ai/documents/"):
        answer = page(root).post(path, body, content_type=f"multipart/form-data; boundary={boundary}")
        assert answer.status_code < 500
