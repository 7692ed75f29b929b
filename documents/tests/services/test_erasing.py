"""Erased documents leave no name, no text and no file, and nothing of anybody else's goes with them."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from documents import originals, storage
from documents.models import Document, DocumentFile, DocumentPage, LabelledDocument, SandboxRun
from documents.models.document_file import ReadingState
from documents.services import batches, erasing, files, labelling, reading, storing
from documents.services.erasing import room
from documents.tests.factories import make_document, make_waiting_document, pages, read_document, take, upload
from prompts.exceptions import Conflict, NotFound
from prompts.models import PromptRequest
from prompts.services import persons, submission
from prompts.services.erasing import erase_texts
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def on_disk(sha256: str) -> bool:
    return storage.path_of(sha256).exists()


def erase(document: Document) -> Document:
    erasing.erase(document)
    erasing.remove_from_disk()
    return Document.objects.select_related("file").get(pk=document.pk)


def labelled(document: Document, user: Any) -> Any:
    return labelling.import_set(actor=user, name="receipts", labelled=[(document, {"total": "9.50"})])


def test_name_text_and_file_of_an_erased_document_are_gone() -> None:
    document = upload("Total 9.50", "of Ann Smith.txt")
    read_document(document, "Total 9.50")
    sha256 = document.file.sha256
    erased = erase(document)
    assert (erased.name, erased.file.state, erased.file.error_code) == ("[erased]", ReadingState.FAILED, "erased")
    assert not DocumentPage.objects.exists()
    assert not on_disk(sha256)
    assert sha256 not in str(DocumentFile.objects.values())


def test_an_erased_document_can_not_be_downloaded() -> None:
    erased = erase(upload())
    with pytest.raises(NotFound, match="was erased"):
        originals.as_original(erased)


def test_the_same_content_of_somebody_else_stays_theirs() -> None:
    mine, theirs = upload("The same."), upload("The same.")
    read_document(mine, "The same.")
    erased = erase(mine)
    theirs = Document.objects.select_related("file").get(pk=theirs.pk)
    assert erased.file_id != theirs.file_id
    assert theirs.file.state == ReadingState.READ
    assert on_disk(theirs.file.sha256)
    assert originals.as_original(theirs).getvalue() == b"The same."


def test_an_erased_content_that_is_brought_again_is_read_anew() -> None:
    erase(upload("Again."))
    again = upload("Again.")
    assert again.file.state == ReadingState.PENDING
    assert on_disk(again.file.sha256)


def test_what_a_killed_process_left_on_disk_goes_with_the_next_run() -> None:
    document = upload("Left.")
    erasing.erase(document)
    assert on_disk(document.file.sha256)
    assert erasing.remove_from_disk() == 1
    assert not on_disk(document.file.sha256)
    assert erasing.remove_from_disk() == 0


def test_a_content_that_came_back_meanwhile_is_not_taken_from_the_disk() -> None:
    document = upload("Back.")
    erasing.erase(document)
    again = upload("Back.")
    assert erasing.remove_from_disk() == 0
    assert on_disk(again.file.sha256)


@pytest.fixture
def after_a_day(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Called, it makes everything that is stored look old enough."""
    return lambda: monkeypatch.setattr(erasing, "UNNAMED_FOR", timedelta())


def kept_alone(content: bytes) -> str:
    """Its hash, as of an archive that was refused after its files had been kept."""
    storing.keep_file(BytesIO(content))
    return hashlib.sha256(content).hexdigest()


def test_a_content_of_a_refused_archive_is_erased_after_a_day(after_a_day: Any) -> None:
    sha256 = kept_alone(b"Of Ann Smith, in an archive that was refused.")
    assert (erasing.erase_unnamed(), erasing.remove_from_disk()) == (0, 0)
    after_a_day()
    assert (erasing.erase_unnamed(), erasing.remove_from_disk()) == (1, 1)
    assert not on_disk(sha256)
    assert sha256 not in str(DocumentFile.objects.values())
    assert erasing.erase_unnamed() == 0


def test_a_content_that_a_document_names_is_never_taken_for_nobodys(after_a_day: Any) -> None:
    document = upload("Total 9.50")
    after_a_day()
    assert erasing.erase_unnamed() == 0
    assert on_disk(document.file.sha256)


def test_nobodys_content_that_somebody_brings_just_then_is_theirs(after_a_day: Any) -> None:
    sha256 = kept_alone(b"Brought again.")
    after_a_day()

    def somebody_was_first(_sha256: str, *, shared: bool = False) -> None:
        if not shared:
            upload("Brought again.")

    with patch.object(files, "lock", autospec=True, side_effect=somebody_was_first):
        assert erasing.erase_unnamed() == 0
    assert on_disk(sha256)


def left_without_row(text: str) -> str:
    """Its hash, as of a content that was on the disk when the database went away, long ago."""
    gone = patch.object(DocumentFile.objects, "bulk_create", side_effect=OperationalError("gone"))
    with gone, pytest.raises(OperationalError, match="gone"):
        upload(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    (note,) = notes_of(sha256)
    os.utime(note, (0, 0))
    return sha256


def notes_of(sha256: str) -> list[Path]:
    return list(Path(settings.MEDIA_ROOT, "without-row").glob(f"{sha256}.*"))


def test_a_content_whose_row_never_came_is_erased_after_a_day() -> None:
    sha256 = left_without_row("Of Ann Smith, while the database went away.")
    assert on_disk(sha256)
    assert erasing.erase_without_row() == 1
    assert not on_disk(sha256)
    assert erasing.erase_without_row() == 0


def test_a_content_that_somebody_brought_later_stays_theirs() -> None:
    sha256 = left_without_row("Brought once more.")
    upload("Brought once more.")
    assert erasing.erase_without_row() == 0
    assert on_disk(sha256)
    assert notes_of(sha256) == []


def test_a_content_that_may_still_get_its_row_stays() -> None:
    path = storage.path_of(storage.store(BytesIO(b"On its way."), limit=100).sha256)
    note = storage.note(path.name)
    assert erasing.erase_without_row() == 0
    assert path.exists()
    assert note.exists()


def test_no_note_is_left_of_a_content_that_has_its_row() -> None:
    assert notes_of(upload("Nothing special.").file.sha256) == []


def test_who_is_reading_an_erased_document_writes_nothing() -> None:
    document = make_waiting_document()
    held = take(document)
    erasing.erase(document)
    assert not reading.finish(held, pages("Too late."), 10)
    assert not DocumentPage.objects.exists()


def test_nothing_can_be_measured_on_a_set_that_lost_a_document() -> None:
    ann = make_user()
    document = make_document(ann)
    chosen = labelled(document, ann)
    erasing.erase(document)
    assert LabelledDocument.objects.get().expected == {}
    version = make_version("{{input}}", model="simulator/default")
    with pytest.raises(Conflict, match="1 documents of this set were erased"):
        labelling.run_set(chosen, actor=ann, prompt_type="text", version_number=version.version_number)


def test_a_person_takes_documents_batches_and_what_others_asked_about_them() -> None:
    ann, bob = make_user("ann"), make_user("bob")
    document = make_document(ann, "Ann's text.")
    version = make_version("{{input}}", model="simulator/default")
    batch = batches.create_batch(
        user=ann, prompt_type="text", documents=[document], version_number=version.version_number, purpose="Ann's"
    )
    asked = submission.submit(user=bob, prompt_type="text", variables={"input": "Ann's text."}, version_number=1)
    SandboxRun.objects.create(request=asked, document=document, placeholder="input", variables={"other": "Ann's"})
    submission.cancel(asked.pk)
    persons.close(ann)
    list(persons.erase(ann))
    batch.refresh_from_db()
    assert (batch.state, batch.purpose) == ("cancelled", "")
    assert PromptRequest.objects.get(pk=asked.pk).prompt_text == ""
    assert SandboxRun.objects.get().variables == {}
    assert room.holdings(ann) == {"documents": 0, "labelled_documents": 0, "batches": 0}


def test_variables_of_a_try_out_go_with_the_texts_of_its_request() -> None:
    version = make_version("{{input}} {{other}}", model="simulator/default")
    values = {"input": "a", "other": "secret"}
    asked = submission.submit(
        user=make_user(), prompt_type="text", variables=values, version_number=version.version_number
    )
    others = {"other": "secret"}
    SandboxRun.objects.create(request=asked, document=make_document(), placeholder="input", variables=others)
    with pytest.raises(IntegrityError), transaction.atomic():
        SandboxRun.objects.update(variables={})
    submission.cancel(asked.pk)
    with transaction.atomic():
        erase_texts([asked.pk])
    assert SandboxRun.objects.get().variables == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET name = '[erased]'",
        "UPDATE documents SET name = '[erased]', erased_at = now()",
        "UPDATE document_files SET sha256 = 'erased-1'",
        "UPDATE document_files SET erased_at = now()",
        "UPDATE document_files SET erased_at = now(), sha256 = 'erased-' || id, left_on_disk = sha256, size = 0,"
        " state = 'failed', error_code = 'erased'",
        "UPDATE labelled_documents SET expected = '{}'",
    ],
)
def test_nothing_but_the_whole_erasing_changes_a_document(statement: str) -> None:
    ann = make_user()
    labelled(make_document(ann), ann)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET erased_at = NULL",
        "UPDATE documents SET name = 'back'",
        "UPDATE document_files SET sha256 = left_on_disk",
        "UPDATE document_files SET erased_at = NULL",
        "UPDATE labelled_documents SET expected = '{\"total\": 1}'",
    ],
)
def test_nothing_comes_back_into_an_erased_document(statement: str) -> None:
    ann = make_user()
    document = make_document(ann)
    labelled(document, ann)
    erasing.erase(document)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
