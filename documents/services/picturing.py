"""Pictures of pages, made when somebody looks at them.

They are kept by browsers only: one takes a fraction of a second, and a copy on disk would be another place with what
documents hold.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _

from documents import storage
from documents.exceptions import TooManyPictures
from documents.models import DocumentFile
from documents.models.document_file import ReadingState
from documents.reading import REASONS, Limits, Picture, Unreadable, draw, sniffing
from prompts.exceptions import NotFound

logger = logging.getLogger(__name__)

#: Raised whenever the same page is drawn otherwise than before.
DRAWING = "d1"
#: No document has more pages.
MOST_PAGES = 1_000_000
MOST_PICTURE_BYTES = 8 * 1024 * 1024
#: A web thread waits for it, so it is little beside what reading may take.
SECONDS = 20.0
#: Whoever looks holds a thread of the web server. Most of them stay free for everybody else.
SHARE_OF_THREADS = 4
#: Files of which no page can be seen either.
UNSEEN = ("encrypted", "broken", "empty", "unsupported", "image_too_large", "erased")


class Size(IntEnum):
    """How wide a picture is, in pixels: to stand beside fields, and to be read letter by letter."""

    SMALL = 900
    LARGE = 1800


class Slots:
    """How many pictures this process may be making at a time."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises TooManyPictures when none is free."""
        if not self._free.acquire(blocking=False):
            raise TooManyPictures(_("Too many pages are being drawn at the moment."))
        try:
            yield
        finally:
            self._free.release()


slots = Slots(max(1, min(settings.WEB_THREADS // SHARE_OF_THREADS, os.cpu_count() or 1)))


def has_pictures(file: DocumentFile) -> bool:
    """Whether there is something to see of it: of texts there is not, nor of what can't be opened."""
    if file.media_type == sniffing.TEXT:
        return False
    return file.state != ReadingState.FAILED or file.error_code not in UNSEEN


def fingerprint(file: DocumentFile, number: int, size: Size) -> str:
    """The same for the same picture only; it says nothing of what is on it."""
    return sha256(f"{DRAWING}/{file.sha256}/{number}/{size.value}".encode()).hexdigest()[:32]


def picture_of(file: DocumentFile, number: int, size: Size) -> Picture:
    """How page `number` looks, drawn by a child process within limits.

    Raises NotFound where there is no such page or it can't be drawn, and TooManyPictures.
    """
    drawn = None
    if has_pictures(file) and 1 <= number <= MOST_PAGES:
        with slots.taken():
            drawn = _drawn(file, number, size)
    if drawn is None:
        raise NotFound(_("There is no picture of page %(number)d.") % {"number": min(number, MOST_PAGES)})
    return drawn


def _drawn(file: DocumentFile, number: int, size: Size) -> Picture | None:
    try:
        return draw(storage.path_of(file.sha256), number=number, width=size.value, limits=_limits())
    except Unreadable as error:
        logger.info("File %d, page %d: %s", file.pk, number, error)
        raise NotFound(REASONS[error.reason]) from error


def _limits() -> Limits:
    return Limits(
        memory_bytes=settings.DOCUMENT_MEMORY_BYTES,
        seconds=SECONDS,
        page_seconds=SECONDS / 2,
        max_pages=settings.DOCUMENT_MAX_PAGES,
        max_text_bytes=MOST_PICTURE_BYTES,
        threads=1,
    )
