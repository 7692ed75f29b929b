"""Dropping a file on the workbench."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from documents.models import Document
from documents.models.document_file import Priority
from documents.tests.factories import fail_document, make_document, read_document, upload
from prompts.models.prompt_request import MAX_PROMPT_BYTES
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.sandboxes import HTMX, editor, editor_page, workbench
from prompts.tests.factories import make_user

__all__ = ["editor", "editor_page"]
pytestmark = pytest.mark.django_db
INPUT = '<textarea name="value-input"'


def drop(page: Client, content: bytes = b"Total 7.00", name: str = "receipt.txt", placeholder: str = "input") -> Any:
    sent = {"file": SimpleUploadedFile(name, content), "placeholder": placeholder}
    return page.post(f"{workbench()}file/", sent, headers=HTMX)


def state(page: Client, document: Document, placeholder: str = "input") -> Any:
    return page.get(f"{workbench()}file/{document.pk}/{placeholder}/", headers=HTMX)


def test_the_workbench_takes_files(editor_page: Client) -> None:
    assert f'hx-post="{workbench()}file/"' in editor_page.get(workbench()).text


def test_a_file_becomes_a_document_that_is_read_at_once(editor: Any, editor_page: Client) -> None:
    shown = drop(editor_page, name="<receipt>.txt")
    document = Document.objects.get()
    assert (document.user, document.name, document.file.priority) == (editor, "<receipt>.txt", Priority.PERSON)
    assert f'hx-get="{workbench()}file/{document.pk}/input/"' in shown.text
    assert "&lt;receipt&gt;.txt" in shown.text
    assert INPUT not in shown.text


def test_its_text_fills_the_input_once_it_is_read(editor: Any, editor_page: Client) -> None:
    document = upload(user=editor)
    assert "every 700ms" in state(editor_page, document).text
    read_document(document, "Total <7>\fจ่ายแล้ว")
    shown = state(editor_page, document).text
    assert "Total &lt;7&gt;\n\nจ่ายแล้ว</textarea>" in shown
    assert 'id="id_value-input"' in shown
    assert 'hx-swap-oob="true"' in shown
    assert f'name="document-input" value="{document.pk}"' in shown
    assert "every 700ms" not in shown


def test_a_file_that_was_read_before_is_there_at_once(editor_page: Client) -> None:
    read_document(upload("Total 7.00"), "Total 7.00")
    assert INPUT in drop(editor_page, b"Total 7.00").text


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "The file is empty."), (b"\0\1\2", "a.exe")], ids=["empty", "unknown"]
)
def test_what_can_not_be_read_is_told_and_not_kept(content: bytes, told: str, editor_page: Client) -> None:
    assert told in drop(editor_page, content, "a.exe").text
    assert not Document.objects.exists()


def test_a_file_that_turns_out_to_be_unreadable_says_why(editor: Any, editor_page: Client) -> None:
    document = upload(user=editor)
    fail_document(document, "encrypted")
    shown = state(editor_page, document).text
    assert "The file is protected by a password." in shown
    assert "every 700ms" not in shown


@pytest.mark.parametrize(
    ("text", "told"), [(" ", "No text was found in it."), ("ก" * (MAX_PROMPT_BYTES // 3 + 1), "longer than 1 MB")]
)
def test_a_text_that_no_prompt_can_hold_is_not_filled_in(
    text: str, told: str, editor: Any, editor_page: Client
) -> None:
    shown = state(editor_page, make_document(editor, text)).text
    assert told in shown
    assert INPUT not in shown


@pytest.mark.parametrize("placeholder", ["", "Input", "a b", '"><script>', "x" * 65])
def test_only_a_placeholder_can_be_filled(placeholder: str, editor_page: Client) -> None:
    assert "Choose a file, and a placeholder" in drop(editor_page, placeholder=placeholder).text
    assert not Document.objects.exists()


def test_the_documents_of_others_are_not_there(editor_page: Client) -> None:
    document = make_document(make_user(), "Secret.")
    assert state(editor_page, document).status_code == 404
    assert "Secret." in state(signed_in(make_staff("system.manage_all")), document).text


def test_a_name_that_no_placeholder_has_leads_nowhere(editor: Any, editor_page: Client) -> None:
    assert state(editor_page, make_document(editor), "In-put").status_code == 404


def test_only_who_writes_versions_drops_files(client: Client) -> None:
    document = make_document()
    viewer = make_staff("prompts.view_promptversion", "documents.view_document", "documents.add_document")
    for user, status in [(None, 302), (make_user(), 302), (make_staff(), 403), (viewer, 403)]:
        browser = signed_in(user) if user else client
        assert drop(browser).status_code == status
        assert state(browser, document).status_code == status
    assert Document.objects.count() == 1
