"""Templates with `{{placeholders}}`: one literal pass, no template language (docs/decisions/0010-rendering.md).

A placeholder's name is `[a-z_][a-z0-9_]{0,63}`; spaces around it inside the braces are accepted. Anything else in
double braces is an error with its position. Values are put in as they are and never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NAME_PATTERN = r"[a-z_][a-z0-9_]{0,63}"
_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name to be replaced."""

    name: str


class TemplateError(ValueError):
    """Double braces that hold no placeholder. `line` and `column` count from 1, `offset` from 0, in characters."""

    def __init__(self, text: str, template: str, offset: int) -> None:
        super().__init__(text)
        self.text = text
        self.offset = offset
        self.line = template.count("\n", 0, offset) + 1
        self.column = offset - (template.rfind("\n", 0, offset) + 1) + 1


def parse(template: str) -> Iterator[str | Placeholder]:
    """The pieces of a template in order: literal text and placeholders. Linear in its length. Raises TemplateError."""
    position = 0
    while (start := template.find("{{", position)) >= 0:
        end = template.find("}}", start + 2)
        name = template[start + 2 : end].strip(" ") if end >= 0 else ""
        if not _NAME.fullmatch(name):
            raise TemplateError(_shown(template, start, end), template, start)
        if start > position:
            yield template[position:start]
        yield Placeholder(name)
        position = end + 2
    if position < len(template):
        yield template[position:]


def placeholders(template: str) -> list[str]:
    """The names in the order of their first appearance. Raises TemplateError."""
    return list(dict.fromkeys(piece.name for piece in parse(template) if isinstance(piece, Placeholder)))


def render(template: str, variables: Mapping[str, str]) -> str:
    """The template with each placeholder replaced by its value. Raises TemplateError, and KeyError for one without."""
    return "".join(variables[piece.name] if isinstance(piece, Placeholder) else piece for piece in parse(template))


def _shown(template: str, start: int, end: int) -> str:
    """What stands there, cut to a line's length."""
    stop = end + 2 if end >= 0 else len(template)
    text = template[start:stop]
    return text if len(text) <= 80 else f"{text[:79]}…"
