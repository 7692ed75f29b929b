"""Claim, heartbeat, finish: what a worker does with a file to read.

Each function here is one transaction, and none is held while a file is read. What waits for the text of a file gets it
in the transaction that ends its reading.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from documents.models import DocumentFile, DocumentPage
from documents.models.document_file import ReadingState
from documents.reading import REASONS, PageText
from documents.services import waiting
from documents.services.leases import Progress, Reading, claim, end, heartbeat, held
from documents.services.waiting import text_of

__all__ = [
    "Progress",
    "Reading",
    "claim",
    "fail",
    "finish",
    "heartbeat",
    "reason_text",
    "release",
    "sweep",
    "text_of",
]

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
CRASHED = "crashed"
PAGES_A_STATEMENT = 200


@transaction.atomic(durable=True)
def finish(reading: Reading, pages: Sequence[PageText], milliseconds: int) -> bool:
    """Store what was read, and give it to the try-outs that wait for it. False when the lease was lost."""
    file = held(reading)
    if file is None:
        return False
    DocumentPage.objects.bulk_create((_page(file, page) for page in pages), batch_size=PAGES_A_STATEMENT)
    read = {"page_count": len(pages), "pages_read": len(pages), "milliseconds": milliseconds}
    end(file, state=ReadingState.READ, **read)
    waiting.provide(file)
    return True


@transaction.atomic(durable=True)
def fail(reading: Reading, reason: str, milliseconds: int | None = None) -> bool:
    """Note why a file can't be read, a key of REASONS, and end what waits for it. False when the lease was lost."""
    file = held(reading)
    if file is None:
        return False
    end(file, state=ReadingState.FAILED, error_code=reason, milliseconds=milliseconds)
    waiting.refuse(file, reason)
    return True


@transaction.atomic(durable=True)
def release(readings: Sequence[Reading]) -> int:
    """Give back what a shutdown broke off, to be read at once. Returns how many leases were held."""
    files = [file for reading in sorted(readings, key=lambda reading: reading.file_id) if (file := held(reading))]
    for file in files:
        # An orderly shutdown is no sign of a file that kills its workers.
        end(file, state=ReadingState.PENDING, queued_at=Now(), attempts=F("attempts") - 1)
    return len(files)


@transaction.atomic(durable=True)
def sweep() -> int:
    """Return every file whose lease has run out to the queue, or fail it at its last attempt; how many there were."""
    lost = DocumentFile.objects.select_for_update(no_key=True, skip_locked=True).filter(
        state=ReadingState.READING, lease_expires_at__lt=Now()
    )
    files = list(lost.order_by("id"))
    for file in files:
        if file.attempts < MAX_ATTEMPTS:
            end(file, state=ReadingState.PENDING, queued_at=Now())
        else:
            end(file, state=ReadingState.FAILED, error_code=CRASHED)
            waiting.refuse(file, CRASHED)
    if files:
        logger.warning("%d files were taken back from workers that no longer renewed their lease.", len(files))
    return len(files)


def reason_text(file: DocumentFile) -> str:
    """Why a file can't be read, in words for the person who sent it; empty where it can."""
    return str(REASONS[file.error_code]) if file.error_code else ""


def _page(file: DocumentFile, page: PageText) -> DocumentPage:
    return DocumentPage(
        file=file,
        number=page.number,
        text=page.text,
        source=page.source,
        confidence=page.confidence,
        milliseconds=page.milliseconds,
    )
