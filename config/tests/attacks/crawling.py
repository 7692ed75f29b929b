"""A reader who follows every link of the console."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client
from django.urls import resolve

START = "/admin/"
#: How many pages of a kind are looked at: rows differ in their states.
OF_A_KIND = 2
LINKS = {"href", "hx-get", "src"}


class Elements(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def links(self) -> list[str]:
        return [value for _tag, attributes in self.found for name, value in attributes.items() if name in LINKS]


@dataclass
class Page:
    """An answer of the console, and where it stands."""

    path: str
    status: int
    content_type: str
    text: str

    @property
    def is_html(self) -> bool:
        return self.content_type.startswith("text/html")

    @cached_property
    def elements(self) -> Elements:
        return Elements(self.text)


def crawl(client: Client) -> list[Page]:
    """Every page that links lead to from the home page: a few of each kind, none twice."""
    waiting, seen, kinds, pages = deque([START]), {START}, Counter[str](), list[Page]()
    while waiting:
        page = _read(client, waiting.popleft())
        pages.append(page)
        for link in page.elements.links if page.is_html else ():
            target = urldefrag(urljoin(page.path, link)).url
            if target.startswith(START) and target not in seen and kinds[kind := _kind(target)] < OF_A_KIND:
                kinds[kind] += 1
                seen.add(target)
                waiting.append(target)
    return pages


def _read(client: Client, path: str) -> Page:
    answer = client.get(path)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return Page(path, answer.status_code, answer.headers["Content-Type"], content.decode(errors="replace"))


def _kind(address: str) -> str:
    """The name of the page, whatever its parameters."""
    return resolve(urlsplit(address).path).view_name
