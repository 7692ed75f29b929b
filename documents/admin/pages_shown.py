"""The text of a document, page by page, as far as a browser can lay it out."""

from __future__ import annotations

from dataclasses import dataclass

from documents.admin import looks
from documents.models import DocumentFile
from prompts.admin.display import MOST_CHARACTERS

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page: its number, its text, and where that comes from; `is_cut` where the text goes on."""

    number: int
    text: str
    facts: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class ShownPages:
    """Some pages of a file, which `is_awaited` while it isn't read to its end.

    `earlier` and `later` are the numbers from which the neighbouring ones begin.
    """

    pages: list[ShownPage]
    earlier: int | None
    later: int | None
    is_awaited: bool


def shown_pages(file: DocumentFile, start: str = "") -> ShownPages:
    """The pages from number `start` on: `MOST_PAGES` at most, and so many characters as a browser lays out."""
    first = int(start) if start.isdecimal() and len(start) < 7 else 1
    rows = file.pages.filter(number__gte=first).order_by("number")[: MOST_PAGES + 1]
    shown: list[ShownPage] = []
    room = MOST_CHARACTERS
    for page in rows:
        if len(shown) == MOST_PAGES or room <= 0:
            return ShownPages(shown, _before(first), page.number, not file.is_finished)
        text = page.text[:room]
        shown.append(ShownPage(page.number, text, looks.page_facts(page), len(text) < len(page.text)))
        room -= len(text)
    return ShownPages(shown, _before(first), None, not file.is_finished)


def _before(first: int) -> int | None:
    return max(1, first - MOST_PAGES) if first > 1 else None
