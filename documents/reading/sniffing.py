"""What kind of file it is, told from its content and never from its name."""

from __future__ import annotations

import codecs

#: How much of a file's start `media_type` wants to see.
HEAD_BYTES = 4096

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
TEXT = "text/plain"

MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
)

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BLANK = b" \t\r\n\x0c"
#: Tab, line feed, form feed, carriage return, and the end mark of DOS.
CONTROLS_OF_TEXT = frozenset(b"\t\n\x0c\r\x1a")


def media_type(head: bytes) -> str | None:
    """The media type of a file that begins with `head` (HEAD_BYTES of it, or the whole); None if we can't read it."""
    for magic, name in MAGIC:
        if head.startswith(magic):
            return name
    if _unmarked(head).lstrip(BLANK).startswith(b"%PDF-"):
        return PDF
    return TEXT if _is_text(head) else None


def _unmarked(head: bytes) -> bytes:
    return head.removeprefix(codecs.BOM_UTF8)


def _is_text(head: bytes) -> bool:
    if head.startswith(UTF16_MARKS):
        return not head.startswith(codecs.BOM_UTF32_LE)
    return bool(head.strip(BLANK)) and not any(byte < 0x20 and byte not in CONTROLS_OF_TEXT for byte in head)
