"""Taking documents in: each content once, each refusal in words."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction

from documents import announcing, storage
from documents.models import Document, DocumentFile
from documents.models.document_file import Priority
from documents.services import files, storing
from documents.tests.factories import fail_document, read_document, take, upload
from prompts.exceptions import Conflict, InvalidInput
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    calls: list[bool] = []
    monkeypatch.setattr(announcing, "announce", lambda: calls.append(True))
    return calls


def refusal(content: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        storing.add_document(user=make_user(), name="x.pdf", content=BytesIO(content))
    assert set(caught.value.errors) == {"file"}
    return caught.value


def test_a_file_that_is_taken_waits_to_be_read_and_is_on_disk() -> None:
    user = make_user()
    document = storing.add_document(user=user, name="/tmp/receipt.txt", content=BytesIO(b"Total 12.00"))
    document.refresh_from_db()
    assert (document.user, document.name) == (user, "receipt.txt")
    assert (document.file.state, document.file.size, document.file.media_type) == ("pending", 11, "text/plain")
    assert storage.path_of(document.file.sha256).read_bytes() == b"Total 12.00"


def test_the_kind_is_told_by_the_content_and_not_by_the_name() -> None:
    assert upload(b"%PDF-1.7\n", name="holiday.png").file.media_type == "application/pdf"


def test_two_who_bring_the_same_content_share_its_file() -> None:
    one, other = upload("same", name="mine.txt"), upload("same", name="yours.txt")
    assert one.file_id == other.file_id
    assert (one.name, other.name) == ("mine.txt", "yours.txt")


def test_what_was_read_once_is_read_already() -> None:
    document = upload("same")
    read_document(document, "same")
    assert upload("same").file.state == "read"


def test_another_reader_reads_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    document = upload("same")
    monkeypatch.setattr(files, "reader_name", lambda: "another reader")
    assert upload("same").file_id != document.file_id


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"MZ\x90\x00\x03\x00", "kind of file"), (b"PK\x03\x04", "kind of file")]
)
def test_what_can_not_be_read_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in str(refusal(content).message)
    assert not Document.objects.exists()
    assert not storage.path_of(hashlib.sha256(content).hexdigest()).exists()


def test_what_is_too_large_is_refused_with_the_limit(settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 1024 * 1024
    assert "larger than 1 MB" in str(refusal(b"x" * (1024 * 1024 + 1)).message)


@pytest.mark.parametrize("reason", ["crashed", "out_of_memory", "out_of_time"])
def test_bringing_a_file_again_that_failed_for_the_machine_reads_it_again(reason: str) -> None:
    document = upload("same")
    fail_document(document, reason)
    file = upload("same").file
    assert (file.state, file.error_code, file.attempts, file.read_at) == ("pending", "", 0, None)


def test_bringing_a_broken_file_again_does_not() -> None:
    document = upload("same")
    fail_document(document, "broken")
    assert upload("same").file.state == "failed"


def test_a_person_who_waits_comes_before_batches() -> None:
    upload("same", priority=Priority.BATCH)
    assert upload("same", priority=Priority.PERSON).file.priority == Priority.PERSON
    upload("same", priority=Priority.BATCH)
    assert DocumentFile.objects.get().priority == Priority.PERSON


def test_a_file_that_is_being_read_stays_with_its_reader() -> None:
    reading = take(upload("same"))
    file = upload("same", priority=Priority.PERSON).file
    assert (file.state, file.lease_token) == ("reading", reading.token)


def test_workers_hear_of_it_after_the_commit(announced: list[bool], django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        upload()
    assert not announced
    for callback in callbacks:
        callback()
    assert announced == [True]


@pytest.mark.django_db(transaction=True)
def test_many_who_bring_one_content_at_once_share_one_file() -> None:
    users = [make_user() for _ in range(8)]

    def bring(user: object) -> int:
        try:
            return upload("same", user=user).file_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(bring, users))) == 1
    assert (DocumentFile.objects.count(), Document.objects.count()) == (1, 8)


def test_nothing_is_stored_for_an_account_that_was_switched_off_on_the_way() -> None:
    user = make_user()
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Conflict, match="switched off"):
        upload("late", user=user)
    assert not DocumentFile.objects.exists()
    assert not storage.path_of(hashlib.sha256(b"late").hexdigest()).exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_is_closed_after_the_upload_that_is_under_way() -> None:
    user = make_user()

    def close() -> None:
        try:
            with transaction.atomic():
                get_user_model().objects.select_for_update(no_key=True, nowait=True).get(pk=user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            upload("early", user=user)
            with pytest.raises(OperationalError, match="could not obtain lock"):
                pool.submit(close).result()
        pool.submit(close).result()


def test_an_error_while_storing_leaves_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "store", full)
    with pytest.raises(OSError, match="No space"):
        upload("same")
    assert not DocumentFile.objects.exists()
