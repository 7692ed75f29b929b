"""Judging JSON Schemas (draft 2020-12) in bounded time, whatever stands in them. Pure.

https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

#: Each object of a schema may be one to check, at a third of a millisecond.
MOST_OBJECTS = 1000
#: Of all patterns together: one that ignores case takes Python a millisecond a character to compile.
MOST_PATTERN_CHARACTERS = 1000
#: There are seven; jsonschema compares each with each.
MOST_TYPES = 100


class NoSchema(ValueError):
    """It is no JSON Schema, or one that would take too long to judge; the text says why, in English."""


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and every object in it, at whatever depth."""
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def check(schema: dict[str, Any]) -> None:
    """Raise NoSchema for what is none. Of at most `MOST_OBJECTS` objects it takes about a second."""
    if any(isinstance(types := part.get("type"), list) and len(types) > MOST_TYPES for part in objects(schema)):
        raise NoSchema(f"more than {MOST_TYPES} types")
    try:
        Draft202012Validator.check_schema(schema, format_checker=_patterns())
    except SchemaError as error:
        raise NoSchema(error.message) from error
    # Python gives up on patterns that are too deep, or repeat too often.
    except (RecursionError, OverflowError) as error:
        raise NoSchema(str(error)) from error


def _patterns() -> FormatChecker:
    """Takes patterns that Python can compile, until there are too many."""
    formats = FormatChecker(formats=())
    left = MOST_PATTERN_CHARACTERS

    @formats.checks("regex", raises=re.error)
    def _compiles(pattern: object) -> bool:
        nonlocal left
        if isinstance(pattern, str):
            left -= len(pattern)
            if left < 0:
                raise NoSchema(f"its patterns have more than {MOST_PATTERN_CHARACTERS} characters")
            re.compile(pattern)
        return True

    return formats
