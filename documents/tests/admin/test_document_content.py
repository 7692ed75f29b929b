"""Pictures of pages and files as they came: who gets them, and how."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from PIL import Image

from documents import storage
from documents.models import Document
from documents.reading import Picture
from documents.services import picturing
from documents.tests.admin.pages import address
from documents.tests.batching import make_batch
from documents.tests.factories import make_document, make_file, read_document, upload
from documents.tests.reading import pdfs
from prompts import downloads
from prompts.tests.admin.conftest import make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch: Any) -> list[tuple[int, int]]:
    """Which pages were drawn, and how wide; no child is started."""
    asked: list[tuple[int, int]] = []

    def draw(_path: Any, *, number: int, width: int, limits: Any) -> Any:
        asked.append((number, width))
        return Picture(b"picture", "image/webp", width, 2 * width)

    monkeypatch.setattr(picturing, "draw", draw)
    return asked


def image(document: Document, number: int = 1, **query: str) -> str:
    return address(document, "image", number, **query)


# --- Pictures ---------------------------------------------------------------------------------------


def test_a_page_is_drawn_from_the_file_that_came(manager_page: Client) -> None:
    answer = manager_page.get(image(upload(pdfs.with_text("One", "Two"), "two.pdf"), 2))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).width == picturing.Size.SMALL


def test_a_larger_picture_is_had_for_the_asking(manager_page: Client, drawn: list[Any]) -> None:
    manager_page.get(image(make_document(), 3, size="large"))
    assert drawn == [(3, 1800)]


@pytest.mark.parametrize("size", ["9999999", "huge", "-1", "\0"])
def test_no_other_size_can_be_asked_for(size: str, manager_page: Client, drawn: list[Any]) -> None:
    manager_page.get(image(make_document(), size=size))
    assert drawn == [(1, 900)]


def test_a_picture_is_kept_by_its_reader_alone_and_runs_nothing(manager_page: Client, drawn: list[Any]) -> None:
    answer = manager_page.get(image(make_document()))
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_browser_that_has_the_picture_costs_no_drawing(manager_page: Client, drawn: list[Any]) -> None:
    address_of_it = image(make_document())
    tag = manager_page.get(address_of_it)["ETag"]
    again = manager_page.get(address_of_it, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"], len(drawn)) == (304, b"", tag, 1)


def test_no_two_pictures_are_taken_for_each_other(manager_page: Client, drawn: list[Any]) -> None:
    one, other = make_document(), make_document()
    addresses = [image(one), image(one, 2), image(one, size="large"), image(other)]
    assert len({manager_page.get(each)["ETag"] for each in addresses}) == len(addresses)


def test_a_text_has_no_picture(manager_page: Client, drawn: list[Any]) -> None:
    document = make_document(media_type="text/plain")
    assert manager_page.get(image(document)).status_code == 404
    assert "<img" not in manager_page.get(address(document)).text
    assert not drawn


@pytest.mark.parametrize("number", [0, 3, 10**40])
def test_a_page_that_is_not_there_is_not_found(number: int, manager_page: Client) -> None:
    document = upload(pdfs.with_text("One", "Two"), "two.pdf")
    assert manager_page.get(image(document, number)).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(manager_page: Client) -> None:
    assert manager_page.get(image(make_document())).status_code == 404


def test_what_can_not_be_drawn_is_not_tried_again_at_once(manager_page: Client) -> None:
    answer = manager_page.get(image(upload(b"%PDF-1.7\nnothing", "broken.pdf")))
    assert (answer.status_code, answer["Cache-Control"]) == (404, "private, max-age=60")


def test_when_too_many_are_drawn_the_next_is_put_off(manager_page: Client, drawn: list[Any], monkeypatch: Any) -> None:
    document = make_document()
    monkeypatch.setattr(picturing, "slots", picturing.Slots(1))
    with picturing.slots.taken():
        answer = manager_page.get(image(document))
    assert (answer.status_code, answer["Retry-After"], answer.has_header("ETag")) == (503, "2", False)
    assert manager_page.get(image(document)).status_code == 200


def test_a_drawing_that_fails_gives_its_place_back(manager_page: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(picturing, "slots", picturing.Slots(1))
    broken = upload(b"%PDF-1.7\nnothing", "broken.pdf")
    assert [manager_page.get(image(broken)).status_code for _ in range(2)] == [404, 404]


# --- Where they are shown ---------------------------------------------------------------------------


def test_each_page_of_a_document_stands_beside_its_text(manager_page: Client) -> None:
    document = make_document(text="One\fTwo")
    text = manager_page.get(address(document)).text
    assert [f'src="{image(document, number)}"' in text for number in (1, 2, 3)] == [True, True, False]
    assert text.count('loading="lazy"') == 4


def test_a_document_can_be_looked_at_while_it_is_read(manager_page: Client) -> None:
    document = make_document(state="pending")
    text = manager_page.get(address(document)).text
    assert image(document) in text
    assert "There is no text yet." in text


@pytest.mark.parametrize(("reason", "is_seen"), [("out_of_time", True), ("encrypted", False), ("broken", False)])
def test_of_a_file_that_failed_is_shown_what_can_be(reason: str, is_seen: bool, manager_page: Client) -> None:
    document = make_document(file=make_file("failed", error_code=reason))
    assert (image(document) in manager_page.get(address(document)).text) == is_seen


def test_the_pages_stand_beside_the_fields_of_a_batch(manager_page: Client) -> None:
    document = make_document(text="One\fTwo")
    text = manager_page.get(address(make_batch([document]), "document", 1)).text
    assert image(document, 1) in text
    assert image(document, 2) in text


def test_a_picture_that_its_reader_would_not_get_is_not_shown() -> None:
    onlooker = make_staff("documents.view_batch")
    document = make_document(onlooker)
    page = signed_in(onlooker).get(address(make_batch([document], onlooker), "document", 1))
    assert page.status_code == 200
    assert image(document) not in page.text


# --- The file as it came ----------------------------------------------------------------------------


def test_a_file_comes_back_as_it_came(manager_page: Client) -> None:
    content = pdfs.with_text("One")
    answer: Any = manager_page.get(address(upload(content, "one.pdf"), "original"))
    assert b"".join(answer.streaming_content) == content
    assert (answer["Content-Type"], answer["Content-Length"]) == ("application/pdf", str(len(content)))


def test_it_is_kept_and_never_opened(manager_page: Client) -> None:
    answer = manager_page.get(address(upload(b"<script>alert(1)</script>", "page.html"), "original"))
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["Content-Type"] == "text/plain"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("name", ["ใบเสร็จ.txt", 'a "b" \\ c.txt', "إيصال.txt", "x\r\nSet-Cookie: a=b.txt"])
def test_its_name_comes_through_whatever_it_is(name: str, manager_page: Client) -> None:
    document = upload("Text", name)
    disposition = manager_page.get(address(document, "original"))["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert quote(document.name) in disposition or document.name.replace("\\", "\\\\").replace('"', '\\"') in disposition
    assert not {"\r", "\n"} & set(disposition)


def test_a_file_that_is_not_there_is_told_in_words(manager_page: Client) -> None:
    page = manager_page.get(address(make_document(), "original"), follow=True)
    assert "The file is not where it was stored." in page.text


def test_a_download_takes_a_place_and_gives_it_back(manager_page: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(downloads, "slots", downloads.Slots(1))
    document = upload("Text")
    first: Any = manager_page.get(address(document, "original"))
    assert "Too many files are being downloaded" in manager_page.get(address(document, "original"), follow=True).text
    assert b"".join(first.streaming_content) == b"Text"
    assert manager_page.get(address(document, "original")).status_code == 200


# --- Who gets them ----------------------------------------------------------------------------------


@pytest.fixture
def document() -> Document:
    document = upload(pdfs.with_text("One"), "one.pdf")
    read_document(document)
    return document


@pytest.mark.parametrize("page", [("image", 1), ("original",)], ids=lambda page: page[0])
class TestWhoGetsThem:
    def test_nobody_who_is_not_signed_in(self, page: Any, client: Client, document: Document) -> None:
        answer = client.get(address(document, *page))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")

    def test_no_staff_without_a_permission(self, page: Any, document: Document) -> None:
        assert signed_in(make_staff()).get(address(document, *page)).status_code == 403

    def test_nobody_who_looks_at_their_own_only(self, page: Any, document: Document) -> None:
        viewer = make_staff("documents.view_document")
        assert signed_in(viewer).get(address(document, *page)).status_code == 404

    def test_their_owner(self, page: Any, document: Document) -> None:
        own = Document.objects.create(user=make_staff("documents.view_document"), file=document.file, name="one.pdf")
        assert signed_in(own.user).get(address(own, *page)).status_code == 200

    def test_only_for_looking(self, page: Any, document: Document, manager_page: Client) -> None:
        assert manager_page.post(address(document, *page)).status_code == 405


def test_no_name_leads_to_another_file(manager_page: Client) -> None:
    document = upload("Text", "../../etc/passwd")
    assert storage.path_of(document.file.sha256).read_bytes() == b"Text"
    answer: Any = manager_page.get(address(document, "original"))
    assert b"".join(answer.streaming_content) == b"Text"
