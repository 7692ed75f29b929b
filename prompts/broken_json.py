"""JSON as models get it slightly wrong, put right without making anything up. Pure; linear in the text's length."""

from __future__ import annotations

import json
import re

#: Strings first, so that nothing inside them is taken for something else; an unclosed one reaches to the end.
_TOKEN = re.compile(
    r"""
    (?P<double>"(?:[^"\\]|\\.)*+"?)
    | (?P<single>'(?:[^'\\]|\\.)*+'?)
    | (?P<needless>//[^\n]*+ | /\*.*?(?:\*/|\Z) | ,(?=\s*+[}\]]))
    | (?P<word>\b(?:None|True|False)\b)
    | [{}\[\],]
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"None": "null", "True": "true", "False": "false"}
_DEPTH = {"{": 1, "[": 1, "}": -1, "]": -1}
_CONTROL = re.compile(r"[\x00-\x1f]")
_QUOTED = re.compile(r"""\\.|["']""", re.DOTALL)


class Broken:
    """The object that begins at `start` of a text, or would if it were written well."""

    def __init__(self, text: str, start: int) -> None:
        self._pieces: list[str] = []
        #: Where it ends; None for an object that was cut off.
        self.end: int | None = None
        self._complete = 0
        self._walk(text, start)

    @property
    def mended(self) -> str:
        """The whole object, put right; of one that was cut off the members that a comma follows, or nothing.

        Whether the last one is complete nobody can know, and half a number is a wrong one.
        """
        if self.end is not None:
            return "".join(self._pieces)
        return "".join(self._pieces[: self._complete]) + "}" if self._complete else ""

    def _walk(self, text: str, start: int) -> None:
        position, depth = start, 0
        for token in _TOKEN.finditer(text, start):
            self._pieces += (text[position : token.start()], _put_right(token))
            position = token.end()
            depth += _DEPTH.get(token[0], 0)
            if depth == 0:
                self.end = position
                return
            if depth == 1 and token[0] == ",":
                self._complete = len(self._pieces) - 1


def _put_right(token: re.Match[str]) -> str:
    content = token[0]
    if token.lastgroup == "needless":
        return ""
    if token.lastgroup == "word":
        return _WORDS[content]
    if token.lastgroup == "single" and content.endswith("'"):
        content = f'"{_QUOTED.sub(_requoted, content[1:-1])}"'
    return _CONTROL.sub(_escaped, content)


def _requoted(found: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])


def _escaped(control: re.Match[str]) -> str:
    return json.dumps(control[0])[1:-1]
