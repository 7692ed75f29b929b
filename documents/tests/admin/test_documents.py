"""Documents in the console: what was read of them, bringing new ones in, and whose they are."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from documents.models import Document, DocumentPage
from documents.models.document_file import Priority
from documents.tests.admin.pages import DOCUMENTS, address, file, levels, told
from documents.tests.batching import make_batch
from documents.tests.factories import make_document, make_file, make_unreadable_document, make_waiting_document
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.txt", text)
    return content.getvalue()


def test_the_page_shows_each_page_with_its_text_source_and_confidence(manager_page: Client) -> None:
    document = make_document(text="First page.\fAnother <b>page</b>.")
    DocumentPage.objects.bulk_create(
        [DocumentPage(file=document.file, number=3, text="ใบเสร็จ", source="ocr", confidence=87, milliseconds=950)]
    )
    text = manager_page.get(address(document)).text
    assert "First page." in text
    assert "Another &lt;b&gt;page&lt;/b&gt;." in text
    assert "Text layer · 10 ms" in text
    assert "Recognised (OCR) · 87 % sure · 950 ms" in text


def test_a_file_that_can_not_be_read_says_why_in_words(manager_page: Client) -> None:
    document = make_unreadable_document(reason="encrypted")
    assert "The file is protected by a password." in manager_page.get(address(document)).text
    assert "The file is protected by a password." in manager_page.get(DOCUMENTS).text


@pytest.mark.parametrize(("document", "is_live"), [(make_waiting_document, True), (make_document, False)])
def test_the_page_follows_the_reading_until_it_ends(document: Any, is_live: bool, manager_page: Client) -> None:
    text = manager_page.get(address(document())).text
    assert ("documents/live" in text) is is_live


def test_a_long_document_is_shown_in_parts(manager_page: Client) -> None:
    document = make_document(file=make_file(text="\f".join(f"Page {number}!" for number in range(1, 61))))
    first = manager_page.get(address(document)).text
    assert ("Page 50!" in first, "Page 51!" in first, "?page=51" in first) == (True, False, True)
    second = (
        manager_page.get(address(document, page="51")) if False else manager_page.get(f"{address(document)}?page=51")
    )
    assert ("Page 51!" in second.text, "Page 1!" in second.text, "?page=1" in second.text) == (True, False, True)


def test_a_text_that_no_browser_could_lay_out_is_cut_and_says_so(manager_page: Client) -> None:
    document = make_document(text="x" * 150_000 + "\fThe end.")
    text = manager_page.get(address(document)).text
    assert "The text goes on; this is its beginning." in text
    assert "The end." not in text
    assert "?page=2" in text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "٢", ""])
def test_a_page_that_is_not_there_is_no_error(page: str, manager_page: Client) -> None:
    assert manager_page.get(f"{address(make_document())}?page={page}").status_code == 200


def test_a_document_leads_to_the_batches_that_use_it(manager_page: Client) -> None:
    document = make_document()
    batch = make_batch([document])
    assert address(batch, "document", 1) in manager_page.get(address(document)).text


# --- Bringing documents in ------------------------------------------------------------------------


def test_a_file_is_kept_and_leads_to_its_page(manager: Any, manager_page: Client) -> None:
    page: Any = manager_page.post(f"{DOCUMENTS}add/", {"uploads": [file(name="../ใบเสร็จ.txt")]}, follow=True)
    document = Document.objects.get()
    assert (document.user, document.name) == (manager, "ใบเสร็จ.txt")
    assert document.file.priority == Priority.PERSON
    assert page.redirect_chain == [(address(document), 302)]


def test_several_files_and_an_archive_are_kept_together(manager_page: Client) -> None:
    files = [file("One"), file("Two", "two.txt"), file(zipped(three="Three", four="Four"), "more.ZIP")]
    page = manager_page.post(f"{DOCUMENTS}add/", {"uploads": files}, follow=True)
    assert sorted(Document.objects.values_list("name", flat=True)) == [
        "four.txt",
        "receipt.txt",
        "three.txt",
        "two.txt",
    ]
    assert "4 documents were added." in told(page)


def test_a_file_that_is_refused_stops_no_other_and_says_why(manager_page: Client) -> None:
    page = manager_page.post(f"{DOCUMENTS}add/", {"uploads": [file(b"\0\1\2", "a.exe"), file("Fine.")]}, follow=True)
    assert levels(page) == ["success", "warning"]
    assert "\u2068a.exe\u2069: This kind of file can't be read." in told(page)
    assert "A.exe" not in page.text
    assert Document.objects.count() == 1


def test_where_no_file_can_be_read_the_form_says_so(manager_page: Client) -> None:
    page = manager_page.post(f"{DOCUMENTS}add/", {"uploads": [file("", "empty.txt"), file(b"PK\3\4", "broken.zip")]})
    (first, second) = page.context["form"].errors["uploads"]
    assert first.startswith("empty.txt: The file is empty.")
    assert second.startswith("broken.zip: ")
    assert not Document.objects.exists()


def test_without_a_file_the_form_asks_for_one(manager_page: Client) -> None:
    page = manager_page.post(f"{DOCUMENTS}add/", {})
    assert list(page.context["form"].errors) == ["uploads"]


def chosen(page: Client, documents: Any) -> Any:
    """What follows when these documents are chosen in the list to start a batch."""
    picked = {"action": "start_batch", "_selected_action": [str(document.pk) for document in documents]}
    return page.post(DOCUMENTS, picked, follow=True)


def test_documents_are_chosen_in_the_list_to_start_a_batch(manager_page: Client) -> None:
    documents = [make_document(), make_document()]
    page = chosen(manager_page, reversed(documents))
    assert page.context["ids"] == ",".join(str(document.pk) for document in documents)


def test_too_many_documents_to_choose_are_refused_in_words(manager_page: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("documents.admin.document.MOST_CHOSEN", 1)
    page = chosen(manager_page, [make_document(), make_document()])
    assert "Choose at most 1 documents" in told(page)


def test_who_may_start_no_batch_is_offered_no_choice() -> None:
    onlooker = make_staff("documents.view_document")
    make_document(onlooker)
    assert "start_batch" not in signed_in(onlooker).get(DOCUMENTS).text


# --- Who sees what --------------------------------------------------------------------------------


def test_a_person_sees_only_their_own_documents() -> None:
    onlooker = make_staff("documents.view_document")
    own, foreign = make_document(onlooker), make_document()
    page = signed_in(onlooker)
    assert list(page.get(DOCUMENTS).context["cl"].result_list) == [own]
    assert page.get(address(own)).status_code == 200
    assert page.get(address(foreign)).status_code == 302


def test_a_person_is_not_led_to_a_batch_of_somebody_else() -> None:
    onlooker = make_staff("documents.view_document")
    document = make_document(onlooker)
    batch = make_batch([document], make_user())
    assert address(batch, "document", 1) not in signed_in(onlooker).get(address(document)).text


def test_who_may_only_look_adds_nothing() -> None:
    page = signed_in(make_staff("documents.view_document"))
    assert page.get(f"{DOCUMENTS}add/").status_code == 403
    assert page.post(f"{DOCUMENTS}add/", {"uploads": [file()]}).status_code == 403
    assert not Document.objects.exists()


def test_who_may_add_adds_in_their_own_name() -> None:
    clerk = make_staff("documents.view_document", "documents.add_document")
    signed_in(clerk).post(f"{DOCUMENTS}add/", {"uploads": [file()]})
    assert Document.objects.get().user == clerk


def test_nobody_changes_or_deletes_a_document_by_hand(superuser_page: Client) -> None:
    document = make_document()
    assert superuser_page.post(address(document), {"name": "other"}).status_code == 403
    assert superuser_page.post(address(document, "delete"), {"post": "yes"}).status_code == 403
    assert Document.objects.get().name == document.name


@pytest.mark.parametrize("by", [lambda row: row.name[:9], lambda row: str(row.pk), lambda row: row.pk.hex[-8:]])
def test_a_document_is_found_by_its_name_and_its_id(by: Any, manager_page: Client) -> None:
    make_document(name="letter.pdf")
    wanted = make_document(name="Quittung 7.pdf")
    assert list(manager_page.get(DOCUMENTS, {"q": by(wanted)}).context["cl"].result_list) == [wanted]


def test_only_of_a_file_that_is_yet_to_be_read_a_text_is_promised(manager_page: Client) -> None:
    waiting, broken = make_waiting_document(), make_unreadable_document()
    promised = [
        "There is no text yet." in manager_page.get(f"{DOCUMENTS}{document.pk}/change/").text
        for document in (waiting, broken)
    ]
    assert promised == [True, False]
