"""Trying a version out on a file in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from documents.admin.trial import FILE
from documents.models import Document, SandboxRun
from documents.models.document_file import Priority
from documents.tests.admin.pages import file
from documents.tests.factories import upload
from prompts.models import PromptRequest, PromptVersion
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db
INPUT = f"value-{FILE}"


def address(version: PromptVersion) -> str:
    return reverse("admin:prompts_promptversion_test", args=[version.pk])


def test_a_file_is_sent_with_the_version_and_waited_for(manager: Any, manager_page: Client) -> None:
    version = make_version(model="simulator/default")
    page = manager_page.post(address(version), {INPUT: file(name="a.txt")}, follow=True)
    sent = PromptRequest.objects.get()
    assert (sent.version, sent.user, sent.is_sandbox, sent.awaits_text) == (version, manager, True, True)
    document = SandboxRun.objects.get(request=sent).document
    assert (document.name, document.file.priority) == ("a.txt", Priority.PERSON)
    assert "It waits for the text of the document." in page.text


def test_the_file_fills_the_placeholder_that_stays_empty(manager_page: Client) -> None:
    version = make_version("{{language}}: {{input}}", model="simulator/default")
    manager_page.post(address(version), {"value-language": "Thai", "value-input": "", INPUT: file()})
    run = SandboxRun.objects.get()
    assert (run.placeholder, run.variables) == ("input", {"language": "Thai"})


def test_a_text_is_sent_as_before(manager_page: Client) -> None:
    manager_page.post(address(make_version(model="simulator/default")), {"value-input": "somebody"})
    assert PromptRequest.objects.get().prompt_text == "Say somebody."
    assert not Document.objects.exists()


def test_a_placeholder_may_have_the_name_of_anything_else(manager_page: Client) -> None:
    version = make_version("{{file}} {{the_file}} {{names}}", model="simulator/default")
    values = {"value-file": "one", "value-the_file": "two", "value-names": "three"}
    manager_page.post(address(version), values)
    assert PromptRequest.objects.get().prompt_text == "one two three"


def test_a_file_that_can_not_be_read_is_told_at_its_field_and_sends_nothing(manager_page: Client) -> None:
    page = manager_page.post(address(make_version()), {INPUT: file(b"\0\1\2", "a.exe")})
    assert list(page.context["form"].errors) == [FILE]
    assert not PromptRequest.objects.exists()
    assert not Document.objects.exists()


def test_a_file_that_failed_before_says_why(manager_page: Client) -> None:
    failed = upload("Broken for all time.").file
    type(failed).objects.filter(pk=failed.pk).update(state="failed", error_code="encrypted")
    page = manager_page.post(address(make_version()), {INPUT: file("Broken for all time.")})
    assert "The file is protected by a password." in str(page.context["form"].errors[FILE])


@pytest.mark.parametrize(("values", "field"), [({}, "input"), ({"value-input": "x", INPUT: None}, FILE)])
def test_either_a_text_or_a_file_is_sent(values: dict[str, Any], field: str, manager_page: Client) -> None:
    sent = {name: value if value is not None else file() for name, value in values.items()}
    page = manager_page.post(address(make_version()), sent)
    assert list(page.context["form"].errors) == [field]
    assert not PromptRequest.objects.exists()


def test_a_template_without_placeholders_asks_for_no_file(manager_page: Client) -> None:
    page = manager_page.get(address(make_version("Say hello.")))
    assert FILE not in page.context["form"].fields


def test_several_empty_placeholders_are_told_to_whoever_sends_a_file(manager_page: Client) -> None:
    version = make_version("{{one}} {{two}}", model="simulator/default")
    page = manager_page.post(address(version), {INPUT: file()})
    assert "more than one placeholder" in page.text
    assert not Document.objects.exists()
