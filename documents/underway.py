"""One file that is being read, and how that ends: a child process reads it while a thread of the pool waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from documents import storage
from documents.reading import Limits, PageText, Unreadable, read
from documents.reading.reasons import OUT_OF_MEMORY
from documents.services.reading import Progress, Reading

logger = logging.getLogger(__name__)

#: On the average of the longest document: several times what a scanned page takes while all readers are busy.
SECONDS_A_PAGE = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reading ended: with pages, or with a reason."""

    reading: Reading
    milliseconds: int
    pages: Sequence[PageText] = ()
    reason: str = ""


@dataclass(slots=True)
class Underway:
    """A file that is being read by a thread of this process."""

    reading: Reading
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress = field(default_factory=Progress)

    def show(self, page: PageText, count: int | None) -> None:
        """Count a page that was read."""
        self.progress = Progress(count, self.progress.pages_read + 1)


def outcome_of(underway: Underway) -> Outcome:
    """Read the file to its end. Raises Interrupted when it is stopped, and OSError where it is not to be found."""
    started = time.monotonic()
    path = storage.path_of(underway.reading.sha256)
    # Where a disk is missing, no file is damaged.
    path.stat()
    try:
        pages = _pages(path, underway, _limits())
    except Unreadable as error:
        logger.info("File %d: %s", underway.reading.file_id, error)
        return Outcome(underway.reading, _since(started), reason=error.reason)
    return Outcome(underway.reading, _since(started), pages)


def _pages(path: Path, underway: Underway, limits: Limits) -> list[PageText]:
    """Page by page where several at once take more memory than there is. Raises what `read` raises."""
    try:
        return read(path, limits=limits, on_page=underway.show, stop=underway.stop)
    except Unreadable as error:
        if error.reason != OUT_OF_MEMORY or limits.threads == 1:
            raise
        logger.info("File %d: %s; it is read page by page.", underway.reading.file_id, error)
    underway.progress = Progress()
    return _pages(path, underway, replace(limits, threads=1))


def _limits() -> Limits:
    return Limits(
        memory_bytes=settings.DOCUMENT_MEMORY_BYTES,
        seconds=settings.DOCUMENT_MAX_PAGES * SECONDS_A_PAGE,
        page_seconds=settings.DOCUMENT_PAGE_SECONDS,
        max_pages=settings.DOCUMENT_MAX_PAGES,
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
