"""Judging JSON Schemas (draft 2020-12), and answers by them, in bounded time, whatever stands in either. Pure.

https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

from prompts import bounded_validator
from prompts.bounded_validator import TooComplicated
from prompts.field_messages import sentence

#: Each object of a schema may be one to check, at a third of a millisecond.
MOST_OBJECTS = 1000
#: Of all patterns together: one that ignores case takes Python a millisecond a character to compile.
MOST_PATTERN_CHARACTERS = 1000
#: There are seven; jsonschema compares each with each.
MOST_TYPES = 100
#: Of one answer; who has so many faults has more.
MOST_PROBLEMS = 50


class NoSchema(ValueError):
    """It is no JSON Schema, or one that would take too long to judge; the text says why, in English."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field whose value is not what the schema wants; `field` is empty for the answer as a whole."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """`missing` are fields of the schema that are absent, null or empty text; `problems` are values that don't fit."""

    missing: tuple[str, ...]
    problems: tuple[FieldProblem, ...]


def check_answer(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> FieldCheck:
    """Hold an answer against a schema that `check` accepts. Never raises; names at most 50 problems.

    A missing field is no problem as well, nor is null for an optional part of a field. What the schema doesn't know
    is a problem only where it forbids it. Takes about a second at most, and then says that the rest was not checked.
    """
    expected = dict.fromkeys([*schema.get("properties", {}), *schema.get("required", ())])
    missing = tuple(name for name in expected if fields.get(name) is None or fields[name] == "")
    given = {name: value for name, value in fields.items() if name not in missing}
    problems = dict.fromkeys(islice(_problems(schema, given), MOST_PROBLEMS))
    return FieldCheck(missing, tuple(problems))


def _problems(schema: Mapping[str, Any], given: dict[str, Any]) -> Iterator[FieldProblem]:
    try:
        for error in bounded_validator.errors({**schema, "required": []}, given):
            for field in _fields_of(error, schema):
                yield FieldProblem(field, sentence(error))
    except TooComplicated:
        yield FieldProblem("", _("The rest was not checked: the schema is too complicated."))


def _fields_of(error: ValidationError, schema: Mapping[str, Any]) -> list[str]:
    """The top-level fields that an error is about; a text that is empty for all of them together."""
    if error.absolute_path:
        return [str(error.absolute_path[0])]
    if error.validator == "additionalProperties":
        instance: Any = error.instance
        return [name for name in instance if name not in schema.get("properties", {})]
    return [""]


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
