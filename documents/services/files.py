"""The one row of a content and its reader, however many bring it."""

from __future__ import annotations

from functools import partial
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from documents import announcing, storage
from documents.models import DocumentFile
from documents.models.document_file import Priority, ReadingState
from documents.reading import REASONS, media_type, reader_name
from documents.storage import Stored
from prompts.exceptions import InvalidInput

#: Failures of the machine rather than of the file: whoever brings it again gets another try.
WORTH_ANOTHER_TRY = ("crashed", "out_of_memory", "out_of_time")
AGAIN: dict[str, Any] = {
    "state": ReadingState.PENDING,
    "error_code": "",
    "attempts": 0,
    "page_count": None,
    "pages_read": 0,
    "milliseconds": None,
    "read_at": None,
    "queued_at": Now(),
}


def keep(content: BinaryIO, priority: int = Priority.BATCH) -> DocumentFile:
    """Store what can be read from `content` and, once that is committed, have it read unless it was read before.

    Call it in a transaction. Raises InvalidInput on `file` for what is empty, too large or of an unknown kind.
    """
    stored = _store(content)
    key = {"sha256": stored.sha256, "reader": reader_name()}
    row = DocumentFile(**key, size=stored.size, media_type=_media_type(stored), priority=priority)
    DocumentFile.objects.bulk_create([row], ignore_conflicts=True)
    file = DocumentFile.objects.get(**key)
    try_again(file)
    raise_priority(file, priority)
    # Robust: what is stored is accepted, even where the process can start no thread any more.
    transaction.on_commit(announcing.announce, robust=True)
    return file


def try_again(file: DocumentFile) -> bool:
    """Have a file read once more that failed for what may not be its own fault; whether it is."""
    if file.state != ReadingState.FAILED or file.error_code not in WORTH_ANOTHER_TRY:
        return False
    changed = DocumentFile.objects.filter(pk=file.pk, state=ReadingState.FAILED).update(**AGAIN)
    file.refresh_from_db()
    return bool(changed)


def raise_priority(file: DocumentFile, priority: int) -> None:
    """Have a file that waits be read as early as `priority` says; never later."""
    if file.state != ReadingState.PENDING or file.priority <= priority:
        return
    DocumentFile.objects.filter(pk=file.pk, state=ReadingState.PENDING, priority__gt=priority).update(priority=priority)
    file.priority = priority


def too_large() -> str:
    """That a file is longer than it may be."""
    limit = settings.DOCUMENT_MAX_BYTES // settings.MEGABYTE
    return _("The file is larger than %(limit)d MB. Split it, or scan it at a lower resolution.") % {"limit": limit}


def _store(content: BinaryIO) -> Stored:
    try:
        return storage.store(content, limit=settings.DOCUMENT_MAX_BYTES, check=_check)
    except storage.TooLarge as error:
        raise InvalidInput.on("file", too_large()) from error


def lock(sha256: str, *, shared: bool = False) -> None:
    """Wait, and have others wait until the end of the transaction: who brings a content for whoever erases it."""
    suffix = "_shared" if shared else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{suffix}(hashtextextended('document ' || %s, 0))", [sha256])


def _check(stored: Stored) -> None:
    """Raise InvalidInput for what can't be read. What is kept is not erased before its row is there, or never comes."""
    _media_type(stored)
    lock(stored.sha256, shared=True)
    transaction.on_commit(partial(storage.note(stored.sha256).unlink, missing_ok=True), robust=True)


def _media_type(stored: Stored) -> str:
    """What kind of file it is. Raises InvalidInput for one that can't be read: nobody keeps it."""
    if not stored.size:
        raise InvalidInput.on("file", REASONS["empty"])
    kind = media_type(stored.head)
    if kind is None:
        raise InvalidInput.on("file", REASONS["unsupported"])
    return kind
