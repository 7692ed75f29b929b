"""Text as it is kept: one kind of line end, nothing that can't be stored or seen."""

from __future__ import annotations

import re

from providers.text import storable

#: Control characters, but for tab, line feed and form feed.
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
#: How pdfium says that a word was hyphenated at the end of its line.
SOFT_HYPHENS = re.compile("[\x02\ufffe]")
# Begins where the blanks do: looked for from each of them, a long row of blanks takes the square of its length.
TRAILING_BLANKS = re.compile(r"(?<![ \t])[ \t]+\n")
MANY_LINE_ENDS = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """The text with "\\n" as line end, fit to be stored, and no control characters but tab and form feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = CONTROLS.sub("", SOFT_HYPHENS.sub("-", text))
    return storable(text)


def tidy_page(text: str) -> str:
    """The text of a page that was made by a machine, where blank space has no meaning."""
    text = TRAILING_BLANKS.sub("\n", tidy(text).replace("\x0c", "\n"))
    return MANY_LINE_ENDS.sub("\n\n", text).strip()
