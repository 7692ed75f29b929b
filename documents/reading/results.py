"""What reading gives."""

from __future__ import annotations

from dataclasses import dataclass

LAYER = "layer"
OCR = "ocr"
TEXT = "text"


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page.

    `number` counts from 1. `source` is "layer" (the text that a PDF carries), "ocr" (recognised in a picture) or
    "text" (a text file). `confidence` is the mean of the recognised words, 0 to 100; None where nothing was
    recognised. `text` holds neither NUL nor lone surrogates.
    """

    number: int
    text: str
    source: str
    confidence: int | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as people see it: an image file of this media type, and its sides in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int
