"""Bringing documents in, and seeing what was read in them."""

from __future__ import annotations

import errno
import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from rest_framework.test import APIClient

from documents import storage
from documents.models import Document
from documents.tests.api.uploading import a_file, send
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document, read_document

DOCUMENTS = "/api/ai/documents/"


def names_of(answer: Any) -> list[str]:
    return [row["name"] for row in answer.json()["data"]]


def test_a_file_becomes_a_document_that_waits_to_be_read(as_owner: APIClient, owner: Any) -> None:
    answer = send(as_owner, DOCUMENTS, {"file": a_file("Total 12.00", "bill.txt")})
    assert answer.status_code == 201, answer.content
    document = Document.objects.get()
    data = answer.json()["data"]
    sha256 = hashlib.sha256(b"Total 12.00").hexdigest()
    assert answer.headers["Location"] == f"/api/ai/documents/{document.pk}"
    assert (data["id"], data["user"], data["name"]) == (str(document.pk), "owner", "bill.txt")
    assert (data["state"], data["mediaType"], data["size"], data["sha256"]) == ("pending", "text/plain", 11, sha256)
    assert (data["reason"], data["message"], data["pageCount"], data["readAt"]) == ("", "", None, None)
    assert storage.path_of(sha256).read_bytes() == b"Total 12.00"


def test_a_document_shows_the_text_of_its_pages_and_where_it_comes_from(as_owner: APIClient, owner: Any) -> None:
    answer = send(as_owner, DOCUMENTS, {"file": a_file()})
    assert as_owner.get(answer.headers["Location"]).json()["data"]["pages"] == []
    read_document(Document.objects.get(), "One\fTwo")
    data = as_owner.get(answer.headers["Location"]).json()["data"]
    assert (data["state"], data["pageCount"], data["pagesRead"]) == ("read", 2, 2)
    assert data["pages"] == [
        {"number": number, "text": text, "source": "ocr", "confidence": 91, "milliseconds": 300}
        for number, text in [(1, "One"), (2, "Two")]
    ]


def test_a_document_that_cannot_be_read_says_why_in_the_readers_language(
    as_owner: APIClient, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_unreadable_document(owner, "encrypted")
    monkeypatch.setattr(translation, "gettext", lambda text: f"{translation.get_language()}: {text}")
    data = as_owner.get(f"{DOCUMENTS}{document.pk}", headers={"Accept-Language": "th"}).json()["data"]
    assert (data["state"], data["reason"]) == ("failed", "encrypted")
    assert data["message"].startswith("th: The file is protected by a password.")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "line\nbreak.txt",
        "\u202egpj.exe",
        "x" * 400 + ".txt",
        "<script>alert(1)</script>.txt",
        "ใบเสร็จ.txt",
    ],
)
def test_a_name_is_a_label_and_nothing_else(as_owner: APIClient, name: str) -> None:
    disposition = f"form-data; name=\"file\"; filename*=UTF-8''{quote(name, safe='')}"
    body = f"--x\r\nContent-Disposition: {disposition}\r\nContent-Type: text/plain\r\n\r\nTotal\r\n--x--\r\n"
    answer = as_owner.post(DOCUMENTS, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 201, answer.content
    label = answer.json()["data"]["name"]
    assert not set(label) & set("/\\\n\u202e")
    assert 0 < len(label) <= 255


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, ["file"]),
        ({"file": "no file"}, ["file"]),
        ({"file": a_file(b"")}, ["file"]),
        ({"file": a_file(b"\x7fELF\x00")}, ["file"]),
        ({"file": a_file(), "state": "read"}, ["state"]),
        ({"file": a_file(), "user": "admin"}, ["user"]),
    ],
    ids=["nothing", "text", "empty", "program", "state", "user"],
)
def test_what_is_no_document_is_refused(as_owner: APIClient, form: dict[str, Any], names: list[str]) -> None:
    answer = send(as_owner, DOCUMENTS, form)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not Document.objects.exists()


def test_a_file_over_the_limit_is_refused(as_owner: APIClient, settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = settings.MEGABYTE
    answer = send(as_owner, DOCUMENTS, {"file": a_file(b"x" * (settings.MEGABYTE + 1))})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a'])
def test_a_broken_form_is_refused(as_owner: APIClient, body: bytes) -> None:
    answer = as_owner.post(DOCUMENTS, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_a_form_without_a_boundary_is_refused(as_owner: APIClient) -> None:
    assert as_owner.post(DOCUMENTS, b"x", content_type="multipart/form-data").status_code == 400


def test_json_is_no_file(as_owner: APIClient) -> None:
    answer = as_owner.post(DOCUMENTS, {"file": "x"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])


def test_one_key_brings_one_document(as_owner: APIClient) -> None:
    first, second = (send(as_owner, DOCUMENTS, {"file": a_file()}, key="k") for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Document.objects.count() == 1


@pytest.mark.parametrize("other", [a_file("other"), a_file(name="other.txt")], ids=["content", "name"])
def test_a_key_with_another_file_is_refused(as_owner: APIClient, other: SimpleUploadedFile) -> None:
    send(as_owner, DOCUMENTS, {"file": a_file()}, key="k")
    assert send(as_owner, DOCUMENTS, {"file": other}, key="k").status_code == 422
    assert Document.objects.count() == 1


def test_a_key_does_not_change_what_is_stored(as_owner: APIClient) -> None:
    send(as_owner, DOCUMENTS, {"file": a_file("Total 12.00")}, key="k")
    assert storage.path_of(Document.objects.get().file.sha256).read_bytes() == b"Total 12.00"


def test_a_list_holds_ones_own_newest_first(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    for user, name in [(owner, "one.pdf"), (stranger, "theirs.pdf"), (owner, "two.pdf")]:
        make_document(user, name=name)
    answer = as_owner.get(DOCUMENTS)
    assert names_of(answer) == ["two.pdf", "one.pdf"]
    assert (answer.json()["next"], "pages" in answer.json()["data"][0]) == (None, False)


def test_a_list_goes_on_behind_its_page(as_owner: APIClient, owner: Any) -> None:
    for number in range(3):
        make_document(owner, name=f"{number}.pdf")
    first = as_owner.get(DOCUMENTS, {"page_size": 2})
    second = as_owner.get(first.json()["next"])
    assert (names_of(first), names_of(second)) == (["2.pdf", "1.pdf"], ["0.pdf"])
    assert names_of(as_owner.get(second.json()["previous"])) == ["2.pdf", "1.pdf"]


def test_a_list_can_be_narrowed_by_state(as_owner: APIClient, owner: Any) -> None:
    make_document(owner, name="read.pdf")
    make_waiting_document(owner, name="waits.pdf")
    make_unreadable_document(owner, name="broken.pdf")
    assert names_of(as_owner.get(DOCUMENTS, {"state": "failed"})) == ["broken.pdf"]
    assert names_of(as_owner.get(DOCUMENTS, {"state": "pending"})) == ["waits.pdf"]


def test_who_manages_all_may_see_everybodys(as_admin: APIClient, owner: Any, stranger: Any) -> None:
    make_document(owner, name="one.pdf")
    make_document(stranger, name="two.pdf")
    assert names_of(as_admin.get(DOCUMENTS)) == []
    assert names_of(as_admin.get(DOCUMENTS, {"scope": "all"})) == ["two.pdf", "one.pdf"]
    assert names_of(as_admin.get(DOCUMENTS, {"user": "owner"})) == ["one.pdf"]


@pytest.mark.parametrize("query", [{"scope": "all"}, {"user": "stranger"}])
def test_others_may_not_ask_for_other_peoples(as_owner: APIClient, stranger: Any, query: dict[str, str]) -> None:
    answer = as_owner.get(DOCUMENTS, query)
    assert (answer.status_code, "other people's documents" in answer.json()["message"]) == (403, True)


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"name": "x"}, {"page_size": 0}, {"page_size": 201}, {"cursor": "x"}]
)
def test_a_query_that_is_not_understood_is_refused(as_owner: APIClient, query: dict[str, Any]) -> None:
    answer = as_owner.get(DOCUMENTS, query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(query))


def test_a_list_costs_the_same_however_long_it_is(
    as_owner: APIClient, owner: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make_document(owner)
    with django_assert_max_num_queries(4):
        as_owner.get(DOCUMENTS)


def test_a_strangers_document_is_not_there(as_stranger: APIClient, as_admin: APIClient, owner: Any) -> None:
    path = f"{DOCUMENTS}{make_document(owner).pk}"
    nowhere = as_stranger.get(f"{DOCUMENTS}{UUID(int=1)}")
    refused = as_stranger.get(path)
    assert (refused.status_code, nowhere.status_code, as_admin.get(path).status_code) == (404, 404, 200)
    assert refused.json()["userMessage"] == nowhere.json()["userMessage"]


def test_a_full_disk_is_told_as_that(as_owner: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "store", full)
    answer = send(as_owner, DOCUMENTS, {"file": a_file()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "can't be stored" in answer.json()["message"]
    assert not Document.objects.exists()


def test_too_many_files_at_once_are_refused_with_the_limit(as_owner: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = send(as_owner, DOCUMENTS, {"file": [a_file(), a_file(), a_file()]})
    assert answer.status_code == 413
    assert "More than 2 files at once" in answer.json()["message"]
