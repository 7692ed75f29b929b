"""PDF: the text that a page carries, or its picture where it carries none.

pdfium is not safe to use from several threads: everything here runs in one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from documents.reading.limits import Limits
from documents.reading.reasons import BROKEN, EMPTY, ENCRYPTED, IMAGE_TOO_LARGE, TOO_MANY_PAGES, Unreadable
from documents.reading.results import LAYER, PageText
from documents.reading.scan import Scan
from documents.reading.tidying import tidy_page

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS_PER_INCH = 72
DOTS_PER_INCH = 300
#: A page of A4 at 300 dots per inch has 8.7 million; larger pages are drawn coarser.
MAX_DRAWN_PIXELS = 12_000_000
MAX_DRAWN_SIDE = 16_000
#: The longest side that the format allows for.
MAX_SIDE_POINTS = 14_400
#: How deep pictures are looked for in forms within forms.
MAX_FORM_DEPTH = 3
#: A scanner's stamp over a picture of the page is no text layer: from here on it is one.
MIN_LAYER_CHARACTERS = 60
#: The part of a page that a picture has to cover to be taken for the page itself.
PAGE_SHARE = 0.5
#: Beyond this share of characters without meaning, a layer's font can't be turned into text.
MAX_UNMAPPED_SHARE = 0.2

#: What pdfium's codes of failure mean; a document without pages "fails" with success.
REFUSALS = {
    pdfium.FPDF_ERR_SUCCESS: EMPTY,
    pdfium.FPDF_ERR_PASSWORD: ENCRYPTED,
    pdfium.FPDF_ERR_SECURITY: ENCRYPTED,
}


def pages(file: Path, limits: Limits) -> tuple[int, Iterator[PageText | Scan]]:
    """How many pages there are, and each: its text layer, or its picture. Raises Unreadable."""
    document = _opened(file)
    count = len(document)
    if count > limits.max_pages:
        raise Unreadable(TOO_MANY_PAGES, f"{count} pages")
    return count, (_page(document, index, limits) for index in range(count))


def picture(file: Path, number: int, width: int, limits: Limits) -> Image | None:
    """How a page looks, `width` pixels wide, notes and stamps on it included. Raises Unreadable."""
    with closing(_opened(file)) as document:
        if not 1 <= number <= len(document):
            return None
        try:
            with closing(document[number - 1]) as page:
                _check_sizes(page, limits)
                return _bitmap(page, _scale(*page.get_size(), wanted=width))
        except pypdfium2.PdfiumError as error:
            raise Unreadable(BROKEN, f"page {number}: {error}") from error


def _opened(file: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(REFUSALS.get(error.err_code, BROKEN), str(error)) from error


def _page(document: pypdfium2.PdfDocument, index: int, limits: Limits) -> PageText | Scan:
    started = time.monotonic()
    try:
        with closing(document[index]) as page:
            text = _layer(page)
            if text is None:
                image = _drawn(page, limits)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(BROKEN, f"page {index + 1}: {error}") from error
    seconds = time.monotonic() - started
    if text is None:
        return Scan(index + 1, image, seconds)
    return PageText(index + 1, text, LAYER, None, int(seconds * 1000))


def _layer(page: pypdfium2.PdfPage) -> str | None:
    """The text layer; None where there is none worth the name."""
    with closing(page.get_textpage()) as textpage:
        raw = textpage.get_text_bounded()
    text = tidy_page(raw)
    letters = sum(map(str.isalnum, text))
    if not letters:
        return None if _has_objects(page) else ""
    if _is_unmapped(raw) or (letters < MIN_LAYER_CHARACTERS and _is_picture(page)):
        return None
    return text


def _is_unmapped(text: str) -> bool:
    """Whether too much of it is what pdfium gives for glyphs that stand for no known character."""
    visible = [character for character in text if not character.isspace()]
    strange = sum(character in "\ufffd\x00" or "\ue000" <= character <= "\uf8ff" for character in visible)
    return strange > MAX_UNMAPPED_SHARE * len(visible)


def _has_objects(page: pypdfium2.PdfPage) -> bool:
    return bool(pdfium.FPDFPage_CountObjects(page) or pdfium.FPDFPage_GetAnnotCount(page))


def _is_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether one picture covers most of the page."""
    width, height = page.get_size()
    for picture in _pictures(page):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) > PAGE_SHARE * width * height:
            return True
    return False


def _pictures(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    yield from page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=MAX_FORM_DEPTH)


def _check_sizes(page: pypdfium2.PdfPage, limits: Limits) -> None:
    """Refuse what pdfium would leave blank, or could draw only too coarsely to be read. Raises Unreadable."""
    if max(page.get_size()) > MAX_SIDE_POINTS:
        raise Unreadable(IMAGE_TOO_LARGE, "a page of {:.0f} x {:.0f} points".format(*page.get_size()))
    for picture in _pictures(page):
        width, height = picture.get_px_size()
        if width * height > limits.max_pixels:
            raise Unreadable(IMAGE_TOO_LARGE, f"a picture of {width} x {height} pixels in a page")


def _drawn(page: pypdfium2.PdfPage, limits: Limits) -> Image:
    _check_sizes(page, limits)
    width, height = page.get_size()
    return _bitmap(page, _scale(width, height, wanted=width * DOTS_PER_INCH / POINTS_PER_INCH), grayscale=True)


def _bitmap(page: pypdfium2.PdfPage, scale: float, **options: bool) -> Image:
    with closing(page.render(scale=scale, **options)) as bitmap:
        image: Image = bitmap.to_pil().copy()
    return image


def _scale(width: float, height: float, *, wanted: float) -> float:
    """Pixels a point, so that it becomes `wanted` pixels wide if that is not too many."""
    width, height = max(width, 1), max(height, 1)
    bounds = (MAX_DRAWN_PIXELS / (width * height)) ** 0.5, MAX_DRAWN_SIDE / max(width, height)
    return float(min(max(wanted, 1) / width, *bounds))
