"""Markdown of models, made into HTML that can do nothing but be read. Pure.

Markup in it stays text, pictures become links (none is fetched from anywhere), links lead to the web or to an e-mail
address and tell nobody where they were followed from. What comes out was parsed again and cut down to `TAGS`.
"""

from __future__ import annotations

import re
from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: The parser needs quadratic time for what is made to be slow: above this, seconds.
MOST_CHARACTERS = 10_000
#: The rows of a table are as wide as its head: few characters would make a million cells.
MOST_CELLS = 5_000
TAGS = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
    | {"h3", "h4", "h5", "h6", "table", "tbody", "td", "th", "thead", "tr"}
)
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "*": {"dir"}}
SCHEMES = {"http", "https", "mailto"}
#: Headings of an answer stand below those of the page.
DEEPER = 2
_SIGNS = re.compile(r"[*_`\[|]|~~|^ {0,3}(?:#{1,6} |[-+] |[0-9]{1,9}[.)] |>|---|===)", re.MULTILINE)
_BLOCKS = frozenset(["p", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "th", "td"])


def rendered(text: str) -> SafeString:
    """HTML of the text, at most `MOST_CHARACTERS` of it; each block runs in the direction of its own language."""
    shown = text[:MOST_CHARACTERS]
    parser = _parser(with_tables=not _has_vast_table(shown))
    tokens = parser.parse(shown)
    for token in tokens:
        _fit_in(token)
    html = parser.renderer.render(tokens, parser.options, {})
    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )
    return SafeString(cleaned)


@cache
def _parser(*, with_tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough").disable("image")
    return parser.enable("table") if with_tables else parser


def _has_vast_table(text: str) -> bool:
    """Whether a table in it could have more than `MOST_CELLS`; then its lines are shown as they are."""
    lines = text.split("\n")
    return len(lines) * max(line.count("|") for line in lines) > MOST_CELLS


def _fit_in(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(6, int(token.tag[1]) + DEEPER)}"
    if token.type in {"fence", "code_block"}:
        token.attrSet("dir", "ltr")
    elif token.nesting == 1 and token.tag in _BLOCKS:
        token.attrSet("dir", "auto")


def is_plain(text: str) -> bool:
    """Whether Markdown would show nothing that the text itself doesn't."""
    return _SIGNS.search(text) is None
