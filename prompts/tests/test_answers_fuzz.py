"""Whatever a model answers is an object that can be stored, or none; one that is sound is found as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prompts.answers import parse_object, result_of
from prompts.tests.fuzzing import fuzzed

#: What models get slightly wrong, and what only somebody writes who wants to break something.
PIECES = st.sampled_from(
    [
        *"{}[]:,\"'\\/ \n\t0-1.eE",
        '{"a":',
        '"b": 1,',
        "None",
        "True",
        "NaN",
        "1e999",
        "```json\n",
        "```",
        "//",
        "/*",
        "*/",
        "\\ud800",
        "\\u0000",
        "'c'",
        '""',
        "}}",
        "[[",
        "\ud800",
        "\x00",
        "ก",
    ]
)
STORED = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), STORED),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(STORED, inner, max_size=4)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(STORED, VALUES, max_size=5)
#: Around an answer: nothing that could be taken for the beginning of another one.
PROSE = st.text(st.characters(exclude_characters="{}[]`\"'", exclude_categories=["Cs"]), max_size=40)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
@fuzzed(300)
def test_any_text_is_an_object_that_can_be_stored_or_none(text: str) -> None:
    assert_storable(parse_object(text) or {})
    assert_storable(result_of(text))


def assert_storable(found: dict[str, Any]) -> None:
    """As PostgreSQL takes it: no NaN, no infinity, no NUL, no lone surrogate."""
    assert json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    assert not any("\x00" in text for text in texts(found))


def texts(value: Any) -> Iterator[str]:
    """Every name and every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        for each in inner:
            yield from texts(each)


@given(OBJECTS, PROSE, PROSE, st.sampled_from(["{}", "```json\n{}\n```", "```\n{}\n```"]))
@fuzzed(150)
def test_a_sound_object_is_found_in_what_stands_around_it(
    value: dict[str, Any], before: str, after: str, fence: str
) -> None:
    written = json.dumps(value, ensure_ascii=False)
    if "```" not in written:
        assert parse_object(f"{before}\n{fence.format(written)}\n{after}") == value


@given(OBJECTS.filter(bool), st.data())
@fuzzed(100)
def test_of_one_that_was_cut_off_nothing_is_made_up(value: dict[str, Any], data: st.DataObject) -> None:
    written = json.dumps(value)
    cut = written[: data.draw(st.integers(1, len(written) - 1))]
    found = parse_object(cut) or {}
    assert found.items() <= value.items() if all(map(_is_plain, value.values())) else set(found) <= _names(value)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _names(value: Any) -> set[str]:
    """Of the value and of all that it holds: of an object that is cut off, one inside may be whole."""
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()
