"""Reading request bodies that may have been made to do harm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from prompts.api.rendering import TemplateRenderer

#: Deeper than any option or metadata needs, and far from the depth at which Python's own encoder gives up.
MAX_DEPTH = 64
#: How many strings, and how many arrays and objects: 128 kB of JSON beside the prompt's text hold fewer.
MAX_VALUES = 100_000
#: A JSON string, also one that is cut off: it always matches, so it never goes back over what it has read.
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


class BodyTooLarge(APIException):
    """More than `settings.MAX_BODY_BYTES`."""

    status_code = 413

    def __init__(self) -> None:
        super().__init__(_("The body is longer than %(limit)d bytes.") % {"limit": settings.MAX_BODY_BYTES})


class StrictJSONParser(BaseParser):
    """JSON objects by RFC 8259, without what PostgreSQL or the next program can't hold.

    Refuses with 400: NaN and Infinity, lone surrogates, NUL characters, bytes that are not UTF-8, nesting deeper
    than `MAX_DEPTH`, more than `MAX_VALUES` strings or containers, and whatever is not an object. Of duplicate keys the
    last one counts.
    """

    media_type = "application/json"
    renderer_class = TemplateRenderer

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The object in `stream`. Raises ParseError and BodyTooLarge."""
        raw = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(raw) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
        _refuse_many_values(raw)
        data = _decode(raw)
        if not isinstance(data, dict):
            raise ParseError(_("The body must be a JSON object."))
        if _count_brackets(raw) > MAX_DEPTH or b"\\u0000" in raw:
            _refuse_depth_and_nul(data)
        return data


def _decode(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ParseError(_("The body is not valid JSON: %(error)s.") % {"error": error.msg}) from error


def _refuse_many_values(raw: bytes) -> None:
    """Before decoding: millions of small objects would keep the garbage collector busy for seconds."""
    strings = (raw.count(b'"') - raw.count(b'\\"')) // 2
    if strings > MAX_VALUES or _has_many_brackets(raw):
        raise ParseError(_("The body holds too many values."))


def _has_many_brackets(raw: bytes) -> bool:
    """Not counting those in strings, which cost nothing; but only a body that has so many is looked at closely."""
    return _count_brackets(raw) > MAX_VALUES and _count_brackets(STRING.sub(b"", raw)) > MAX_VALUES


def _count_brackets(raw: bytes) -> int:
    return raw.count(b"[") + raw.count(b"{")


def _refuse_depth_and_nul(data: dict[str, Any]) -> None:
    """Level by level, so that the depth is counted and not recursed into."""
    level: list[Any] = [data]
    for _depth in range(MAX_DEPTH):
        if any(isinstance(value, str) and "\x00" in value for value in level):
            raise ParseError(_("The body holds a NUL character, which can't be stored."))
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise ParseError(_("The body is nested too deeply."))


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return [*value.keys(), *value.values()]
        case list():
            return value
    return []
