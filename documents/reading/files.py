"""One file, of whatever kind, page by page. Runs in the child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from documents.reading.limits import Limits
from documents.reading.reasons import CRASHED, EMPTY, UNSUPPORTED, Unreadable
from documents.reading.results import PageText
from documents.reading.scan import Scan
from documents.reading.sniffing import HEAD_BYTES, JPEG, PDF, PNG, TEXT, TIFF, media_type

if TYPE_CHECKING:
    from PIL.Image import Image

OnPage = Callable[[PageText, int | None], None]


class Format(Protocol):
    """A module that takes files of some kind apart. It loads what it needs of memory page by page."""

    def pages(self, file: Path, limits: Limits) -> tuple[int, Iterator[PageText | Scan]]:
        """How many pages there are, and each: its text, or its picture. Raises Unreadable."""

    def picture(self, file: Path, number: int, width: int, limits: Limits) -> Image | None:
        """How a page looks, at most `width` pixels wide, in colour; None where there is none. Raises Unreadable."""


FORMATS = {
    PDF: "documents.reading.pdf",
    PNG: "documents.reading.pictures",
    JPEG: "documents.reading.pictures",
    TIFF: "documents.reading.pictures",
    TEXT: "documents.reading.plain",
}


def read_file(file: Path, data: str, limits: Limits, on_page: OnPage) -> None:
    """Give each page of `file` to `on_page`, in the order in which they are done.

    `data` is the folder with the language data. Raises Unreadable and MemoryError.
    """
    count, pages = format_of(file).pages(file, limits)
    if count < 1:
        raise Unreadable(EMPTY, "no pages")
    scans = _texts_first(pages, count, on_page)
    first = next(scans, None)
    if first is not None:
        _recognise(first, scans, data, limits, lambda page: on_page(page, count))


def format_of(file: Path) -> Format:
    """What takes it apart, by its content. Raises Unreadable."""
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
    except OSError as error:
        # The disk is at fault: once it is back, the file may well be whole.
        raise Unreadable(CRASHED, f"it can't be opened: {error.strerror}") from error
    if not head.strip(b"\x00 \t\r\n\x0c\xef\xbb\xbf"):
        raise Unreadable(EMPTY, "nothing but white space in its beginning")
    kind = media_type(head)
    if kind is None:
        raise Unreadable(UNSUPPORTED, f"it begins with {head[:8].hex()}")
    return cast(Format, import_module(FORMATS[kind]))


def _texts_first(pages: Iterator[PageText | Scan], count: int, on_page: OnPage) -> Iterator[Scan]:
    """The pages that have to be recognised; those that have their text are given away in passing."""
    for page in pages:
        if isinstance(page, Scan):
            yield page
        else:
            on_page(page, count)


def _recognise(
    first: Scan, others: Iterator[Scan], data: str, limits: Limits, on_text: Callable[[PageText], None]
) -> None:
    # Only now, as most files need no recognition, and loading it costs more than reading them.
    from itertools import chain

    from documents.reading.recognition import Recognizer

    recognizer = Recognizer(data, limits, on_text)
    for scan in chain([first], others):
        recognizer.take(scan)
    recognizer.finish()
