"""Documents for tests, with only what a test names differing from the ordinary."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from documents.models import Document, DocumentFile, DocumentPage
from documents.models.document_file import Priority, ReadingState
from documents.reading import PageText, reader_name
from documents.services import reading, storing
from documents.services.reading import Reading
from prompts.tests.factories import make_user

_numbers = count(1)
#: Between the pages of a text that is given to a factory.
PAGE_BREAK = "\f"


def make_file(state: str = ReadingState.READ, text: str = "A receipt.", **values: Any) -> DocumentFile:
    """A row of a file of which nothing is on disk. A read one has the pages of `text`, which form feeds part."""
    pages = text.split(PAGE_BREAK) if state == ReadingState.READ else []
    defaults: dict[str, Any] = {
        "sha256": hashlib.sha256(f"file {next(_numbers)}".encode()).hexdigest(),
        "size": 1000,
        "media_type": "application/pdf",
        "reader": reader_name(),
        "error_code": "broken" if state == ReadingState.FAILED else "",
        "lease_expires_at": Now() + timedelta(minutes=1) if state == ReadingState.READING else None,
        "page_count": len(pages) or None,
        "pages_read": len(pages),
        "milliseconds": 20 if pages else None,
        "read_at": Now() if state in (ReadingState.READ, ReadingState.FAILED) else None,
    }
    file = DocumentFile.objects.create(state=state, **defaults | values)
    file.refresh_from_db()
    DocumentPage.objects.bulk_create(
        DocumentPage(file=file, number=number, text=page, source="layer", milliseconds=10)
        for number, page in enumerate(pages, start=1)
    )
    return file


def make_document(
    user: Any = None, text: str = "A receipt.", name: str = "", state: str = ReadingState.READ, **of_file: Any
) -> Document:
    """A document of a file of its own, read unless `state` says otherwise; or of `file`."""
    file = of_file.pop("file", None) or make_file(state, text, **of_file)
    return Document.objects.create(user=user or make_user(), file=file, name=name or f"receipt{next(_numbers)}.pdf")


def make_waiting_document(user: Any = None, name: str = "") -> Document:
    """A document that is still to be read."""
    return make_document(user, name=name, state=ReadingState.PENDING)


def make_unreadable_document(user: Any = None, reason: str = "broken", name: str = "") -> Document:
    """A document of a file that can't be read."""
    return make_document(user, name=name, state=ReadingState.FAILED, error_code=reason)


def upload(content: bytes | str = "", name: str = "receipt.txt", user: Any = None, **given: Any) -> Document:
    """A document with its file on disk, waiting to be read. Without `content` it is a text like no other."""
    text = content or f"Total {next(_numbers)}.00"
    stream = BytesIO(text.encode() if isinstance(text, str) else text)
    return storing.add_document(user=user or make_user(), name=name, content=stream, **given)


def page(number: int = 1, text: str = "A receipt.", **values: Any) -> PageText:
    """What reading gives for a page."""
    given: dict[str, Any] = {"source": "ocr", "confidence": 91, "milliseconds": 300} | values
    return PageText(number, text, **given)


def pages(text: str) -> list[PageText]:
    """The pages of `text`, which form feeds part."""
    return [page(number, part) for number, part in enumerate(text.split(PAGE_BREAK), start=1)]


def read_document(document: Document, text: str = "A receipt.") -> None:
    """As if a worker had read it just now."""
    assert reading.finish(take(document), pages(text), 300)
    document.file.refresh_from_db()


def fail_document(document: Document, reason: str = "broken") -> None:
    """As if a worker had found just now that it can't be read."""
    assert reading.fail(take(document), reason, 300)
    document.file.refresh_from_db()


def take(document: Document) -> Reading:
    """As if a worker had claimed it just now, and no other."""
    DocumentFile.objects.filter(pk=document.file_id).update(
        state=ReadingState.READING,
        priority=Priority.PERSON,
        attempts=F("attempts") + 1,
        lease_token=F("lease_token") + 1,
        lease_expires_at=Now() + timedelta(minutes=1),
    )
    file = DocumentFile.objects.get(pk=document.file_id)
    return Reading(file.pk, file.lease_token, file.sha256)


def let_lease_run_out(file: DocumentFile) -> None:
    """As if its worker had given no sign of life for a while."""
    DocumentFile.objects.filter(pk=file.pk).update(lease_expires_at=Now() - timedelta(seconds=1))
