"""Pictures of pages and files as they came, over the API."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from documents.models import Document
from documents.services import picturing
from documents.tests.factories import make_document, upload
from documents.tests.reading import pdfs

CONTENT = pdfs.with_text("One", "Two")


@pytest.fixture
def document(owner: Any) -> Document:
    return upload(CONTENT, "ใบเสร็จ.pdf", owner)


def image(document: Document, page: int = 1) -> str:
    return f"/api/ai/documents/{document.pk}/pages/{page}/image"


def original(document: Document) -> str:
    return f"/api/ai/documents/{document.pk}/original"


def test_a_page_is_a_picture_that_may_be_kept(as_owner: APIClient, document: Document) -> None:
    answer = as_owner.get(image(document, 2))
    assert Image.open(io.BytesIO(answer.content)).size == (900, 1274)
    assert (answer["Content-Type"], answer["Cache-Control"].split(",")[0]) == ("image/webp", "private")
    again = as_owner.get(image(document, 2), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_that_is_not_there_says_so(as_owner: APIClient, document: Document) -> None:
    answer = as_owner.get(image(document, 3))
    assert (answer.status_code, answer.json()["message"]) == (404, "There is no picture of page 3.")


def test_a_text_has_no_picture(as_owner: APIClient, owner: Any) -> None:
    assert as_owner.get(image(make_document(owner, media_type="text/plain"))).status_code == 404


def test_when_too_many_are_drawn_it_says_when_to_come_again(
    as_owner: APIClient, document: Document, monkeypatch: Any
) -> None:
    monkeypatch.setattr(picturing, "slots", picturing.Slots(1))
    with picturing.slots.taken():
        answer = as_owner.get(image(document))
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_a_file_comes_back_as_it_came(as_owner: APIClient, document: Document) -> None:
    answer: Any = as_owner.get(original(document))
    assert b"".join(answer.streaming_content) == CONTENT
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")


@pytest.mark.parametrize("path", [image, original])
def test_only_its_owner_and_the_administrator_get_it(
    path: Any, document: Document, client: Any, as_owner: APIClient, as_stranger: APIClient, as_admin: APIClient
) -> None:
    readers = (client, as_stranger, as_owner, as_admin)
    assert [reader.get(path(document)).status_code for reader in readers] == [401, 404, 200, 200]
