"""The pages of a document, each as it looks and with its text, as far as a browser can lay them out."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from documents.admin import looks
from documents.models import Document, DocumentPage
from documents.services import picturing
from prompts.admin.display import MOST_CHARACTERS

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page: its number, its text, where that comes from, and the address of its picture, or "".

    `is_cut` where the text goes on, `is_read` where the text is there, were it empty.
    """

    number: int
    text: str
    facts: str
    picture: str = ""
    is_cut: bool = False
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class ShownPages:
    """Some pages of a file, which `is_awaited` while it isn't read to its end, `total` where that is known.

    `earlier` and `later` are the numbers from which the neighbouring ones begin.
    """

    pages: list[ShownPage]
    earlier: int | None
    later: int | None
    is_awaited: bool
    total: int | None


def shown_pages(document: Document, start: str = "", *, with_pictures: bool) -> ShownPages:
    """The pages from number `start` on: `MOST_PAGES` at most, and so many characters as a browser lays out.

    Pictures are for who may see the document. Where nothing is read, its first page can be looked at all the same.
    """
    file = document.file
    first = int(start) if start.isdecimal() and len(start) < 7 else 1
    rows = list(file.pages.filter(number__gte=first).order_by("number")[: MOST_PAGES + 1])
    with_pictures = with_pictures and picturing.has_pictures(file)
    pages = _shown(document, rows[:MOST_PAGES], with_pictures=with_pictures)
    if not rows and first == 1 and with_pictures:
        pages = [ShownPage(1, "", "", _picture(document, 1), is_read=False)]
    later = rows[len(pages)].number if len(rows) > len(pages) else None
    return ShownPages(pages, _before(first), later, not file.is_finished, file.page_count)


def _shown(document: Document, rows: list[DocumentPage], *, with_pictures: bool) -> list[ShownPage]:
    shown: list[ShownPage] = []
    room = MOST_CHARACTERS
    for page in rows:
        if room <= 0:
            break
        text = page.text[:room]
        picture = _picture(document, page.number) if with_pictures else ""
        shown.append(ShownPage(page.number, text, looks.page_facts(page), picture, len(text) < len(page.text)))
        room -= len(text)
    return shown


def _picture(document: Document, number: int) -> str:
    return reverse("admin:documents_document_image", args=[document.pk, number])


def _before(first: int) -> int | None:
    return max(1, first - MOST_PAGES) if first > 1 else None
