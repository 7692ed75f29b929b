"""JSON Schemas are judged, and in bounded time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from prompts.field_schemas import MOST_PATTERN_CHARACTERS, NoSchema, check, objects

SECONDS = 4
#: Seven milliseconds to compile, each time.
SLOW_PATTERN = "[\x01-\uffff]"


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": ["string", "null"], "pattern": "^[0-9]{4}$"},
        {"enum": list(range(5000)), "default": {"type": ["string"]}},
        {"patternProperties": {"^x-": {}}},
        {"$ref": "http://127.0.0.1:1/never-asked"},
    ],
)
def test_a_schema_is_accepted(schema: dict[str, Any]) -> None:
    check(schema)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "nothing"}, "nothing"),
        ({"pattern": "("}, "regex"),
        ({"pattern": "a{99999999999999999999}"}, "repetition"),
        ({"properties": {"a": {"minLength": -1}}}, "minimum"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_reason(schema: dict[str, Any], told: str) -> None:
    with pytest.raises(NoSchema, match=told):
        check(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "(?i)" + SLOW_PATTERN * 9000},
        {"patternProperties": {f"(?i){SLOW_PATTERN}{number}": {} for number in range(990)}},
        {"properties": {f"p{number}": {"pattern": f"(?i){SLOW_PATTERN}"} for number in range(990)}},
        {"not": {"type": [kind for number in range(4000) for kind in (number, str(number))]}},
    ],
    ids=["one pattern", "names", "many patterns", "types"],
)
def test_a_schema_made_to_be_slow_is_refused_at_once(schema: dict[str, Any]) -> None:
    started = time.process_time()
    with pytest.raises(NoSchema):
        check(schema)
    assert time.process_time() - started < SECONDS


def test_patterns_of_the_length_that_is_allowed_are_accepted() -> None:
    check({"pattern": "a" * (MOST_PATTERN_CHARACTERS - 1), "not": {"pattern": "b"}})


def test_every_object_counts_at_whatever_depth() -> None:
    assert sum(1 for _object in objects({"a": [{}, [[{"b": {}}]]], "text": "{{{"})) == 4
