"""Answers are rendered to be read: whatever a model writes, nothing runs, nothing is fetched."""

from __future__ import annotations

from html.parser import HTMLParser
from time import process_time

import pytest

from prompts import markdown
from prompts.markdown import MOST_CHARACTERS, TAGS, rendered

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '<https://ok.example/"onmouseover="alert(1)>',
    "[x](https://ok.example 'title\" onclick=\"alert(1)')",
    "```<script>\nalert(1)\n```",
    "`<img src=x onerror=alert(1)>`",
    "<iframe src=https://evil.example></iframe>",
    "<style>*{display:none}</style>",
    '<a href="javascript:alert(1)">x</a>',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[x]: javascript:alert(1)\n\n[x]",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\u202e<script>\u0000alert(1)</script>",
]


class Elements(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_what_a_model_writes_can_do_anything(text: str) -> None:
    for tag, attributes in Elements(str(rendered(text))).found:
        assert tag in TAGS
        assert set(attributes) <= {"href", "rel", "dir", "start"}
        assert (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:"))


def test_a_link_tells_nobody_where_it_was_followed_from() -> None:
    assert '<a href="https://a.example" rel="noopener noreferrer nofollow">b</a>' in rendered("[b](https://a.example)")


@pytest.mark.parametrize("address", ["/admin/logout/", "?x=1", "//evil.example", "#top", "java%0Ascript:alert(1)"])
def test_a_link_that_names_no_site_leads_nowhere(address: str) -> None:
    assert "href" not in rendered(f"[b]({address})")


def test_lines_stay_lines() -> None:
    assert "one<br>\ntwo" in rendered("one\ntwo")


def test_a_picture_becomes_a_link() -> None:
    html = rendered("![cat](https://a.example/cat.png)")
    assert "<img" not in html
    assert 'href="https://a.example/cat.png"' in html


def test_each_block_runs_in_its_own_direction_and_code_from_left_to_right() -> None:
    html = rendered("مرحبا\n\nHello\n\n- สวัสดี\n\n```\nx = 1\n```")
    assert html.count('<p dir="auto">') == 2
    assert '<li dir="auto">' in html
    assert '<code dir="ltr">x = 1' in html


def test_headings_stand_below_those_of_the_page() -> None:
    html = rendered("# One\n\n###### Six")
    assert '<h3 dir="auto">One</h3>' in html
    assert '<h6 dir="auto">Six</h6>' in html


def test_tables_lists_and_emphasis_are_shown() -> None:
    html = rendered("| a |\n|---|\n| **b** |\n\n3. c\n\n~~d~~")
    for expected in ("<table", "<strong>b</strong>", '<ol start="3"', "<s>d</s>"):
        assert expected in html


@pytest.mark.parametrize("piece", ["[", "*a ", "**a", "`a``", "![](", "> ", "|a", "[a](<b", "~~a", "_a", "<a "])
def test_what_is_made_to_be_slow_is_not(piece: str) -> None:
    start = process_time()
    rendered(piece * 500_000)
    assert process_time() - start < 5


def test_a_table_that_would_have_a_million_cells_stays_text() -> None:
    head = f"{'a|' * 1200}\n{'-|' * 1200}\n"
    assert "<table" in rendered(head)
    html = rendered(head + "b|\n" * 1500)
    assert "<t" not in html
    assert len(html) < 5 * MOST_CHARACTERS


def test_no_more_than_the_beginning_is_rendered() -> None:
    assert rendered("a" * (MOST_CHARACTERS + 1)).count("a" * MOST_CHARACTERS) == 1
    assert "a" * (MOST_CHARACTERS + 1) not in rendered("a" * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("Hello 1 - 2 > 1.\nBye #1", True),
        ("# Hello", False),
        ("a *b*", False),
        ("Hello:\n- a", False),
        ("x\n2. y", False),
    ],
)
def test_a_text_without_signs_of_markdown_is_plain(text: str, is_plain: bool) -> None:
    assert markdown.is_plain(text) is is_plain
