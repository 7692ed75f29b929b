"""Text files, in the encodings that are found in offices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from documents.reading.limits import Limits
from documents.reading.reasons import BROKEN, TOO_MANY_PAGES, TOO_MUCH_TEXT, UNSUPPORTED, Unreadable
from documents.reading.results import TEXT, PageText
from documents.reading.sniffing import UTF16_MARKS
from documents.reading.tidying import tidy

#: One byte a character: Thai, Arabic, Western European. What can be told apart by its letters.
OLD_ENCODINGS = ["cp874", "cp1256", "cp1252"]
#: Enough to tell an encoding by.
SAMPLE_BYTES = 100_000


def pages(file: Path, limits: Limits) -> tuple[int, Iterator[PageText]]:
    """The pages of a text, which form feeds part. Raises Unreadable."""
    started = time.monotonic()
    texts = tidy(_decode(_content(file, limits))).rstrip("\x0c").split("\x0c")
    if len(texts) > limits.max_pages:
        raise Unreadable(TOO_MANY_PAGES, f"{len(texts)} pages")
    milliseconds = int((time.monotonic() - started) * 1000)
    found = (PageText(number, text.strip(), TEXT, None, milliseconds) for number, text in enumerate(texts, 1))
    return len(texts), found


def picture(_file: Path, _number: int, _width: int, _limits: Limits) -> None:
    """A text has no looks of its own."""


def _content(file: Path, limits: Limits) -> bytes:
    # UTF-16 takes two bytes where UTF-8 takes one; what is too long after decoding is refused there.
    most = 2 * limits.max_text_bytes + 2
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise Unreadable(TOO_MUCH_TEXT, f"more than {most} bytes")
    return content


def _decode(content: bytes) -> str:
    if content.startswith(UTF16_MARKS):
        return _strict(content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _strict(content, _old_encoding(content[:SAMPLE_BYTES]))


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(BROKEN, str(error)) from error


def _old_encoding(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=OLD_ENCODINGS).best()
    if best is None:
        raise Unreadable(UNSUPPORTED, "it is text in no encoding that is known here")
    return best.encoding
