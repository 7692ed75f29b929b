"""Files that are sent while they are being read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TypeVar

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from prompts.exceptions import TooManyDownloads

#: Whoever reads slowly holds a thread of the web server. Most of them stay free for everybody else.
SHARE_OF_THREADS = 4


class Slots:
    """How many downloads of this process may be under way at a time."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)

    def take(self) -> None:
        """Raises TooManyDownloads when none is free."""
        if not self._free.acquire(blocking=False):
            raise TooManyDownloads(_("Too many results are being downloaded at the moment."))

    def give_back(self) -> None:
        """One is free again."""
        self._free.release()


slots = Slots(max(1, settings.WEB_THREADS // SHARE_OF_THREADS))


Chunk = TypeVar("Chunk", bound=str | bytes)


class Held(Iterator[Chunk]):
    """Parts of a file whose slot is given back when the server closes the answer: at its end, or with the client gone.

    Raises TooManyDownloads when it is made and no slot is free.
    """

    _is_open = False

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self._slots = slots
        self._slots.take()
        self._is_open = True
        self._chunks = chunks

    def __next__(self) -> Chunk:
        return next(self._chunks)

    def close(self) -> None:
        """Called by the answer once, or more often, or not at all where it is dropped unsent."""
        if self._is_open:
            self._is_open = False
            self._slots.give_back()

    __del__ = close


def as_file(name: str, media_type: str, lines: Iterator[str]) -> StreamingHttpResponse:
    """Lines as a file to keep, sent while they are read. Raises TooManyDownloads."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(Held(lines), content_type=f"{media_type}; charset=utf-8", headers=headers)
