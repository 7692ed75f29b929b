"""What counts as the object in an answer, also in answers that were made to break the reading of them."""

from __future__ import annotations

import json
import time

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from prompts.answers import MAX_RESULT_BYTES, failure, is_failure, parse_object, result_of

MEGABYTE = 1_000_000
BEGINNINGS = [
    "{",
    '{"',
    '[{"',
    '{"a":',
    '{"a":[',
    '{"a":"',
    "[[",
    "```",
    '```{"a" x}',
    '{"a" x}',
    '[[1]{"',
    '{ "a" ',
    "{\n",
]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\n  {"a": "ดี 🙂"}\n', {"a": "ดี 🙂"}),
        ('Sure!\n```json\n{"a": 1}\n```\nAnything else?', {"a": 1}),
        ('```\n{"a": 1}\n```', {"a": 1}),
        ('```{"a": 1}```', {"a": 1}),
        ('{"before": 1}\n```json\n{"a": 1}\n```', {"a": 1}),
        ('```\n{"code": "```x```"}\n```', {"code": "```x```"}),
        ('Here it is: {"a": {"b": 2}}. And {"c": 3}.', {"a": {"b": 2}}),
        ('Given the set {x, y}: {"a": 1}', {"a": 1}),
        ('{not this} {"a": 1}', {"a": 1}),
        ("{}", {}),
    ],
)
def test_the_object_is_found(answer: str, found: dict[str, object]) -> None:
    assert parse_object(answer) == found


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I can't do that.",
        "[1, 2]",
        '[{"a": 1}, {"a": 2}]',
        '{"items": [{"a": 1}, {"a": 2',
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        '{"a": -1e999}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a":' * 65 + "1" + "}" * 65,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
    ids=lambda answer: answer[:20],
)
def test_what_is_no_whole_object_is_none(answer: str) -> None:
    assert parse_object(answer) is None


def test_what_postgresql_can_not_hold_is_replaced() -> None:
    assert parse_object(r'{"a\u0000": ["\ud800 \u0000"]}') == {"a\ufffd": ["\ufffd \ufffd"]}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_megabyte_that_only_begins_again_and_again_is_read_in_a_second(beginning: str) -> None:
    answer = beginning * (MEGABYTE // len(beginning))
    started = time.perf_counter()
    result_of(answer)
    assert time.perf_counter() - started < 1


@pytest.mark.django_db
@given(st.text(alphabet=st.sampled_from('{}[]":,\\ \n`aeu0189.-+tfNI\x00\ud800'), max_size=60))
def test_whatever_a_model_writes_becomes_an_object_that_postgresql_takes(answer: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT jsonb_typeof(%s::jsonb)", [json.dumps(result_of(answer))])
        assert cursor.fetchone() == ("object",)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), st.integers()))
def test_an_object_comes_back_as_it_was_written(written: dict[str, int]) -> None:
    assert parse_object(f"Here: {json.dumps(written)} That was it.") == written


def test_an_answer_without_an_object_is_shown_by_its_beginning() -> None:
    assert result_of("Hello." * 10_000) == {"text": ("Hello." * 10_000)[:4000]}


def test_an_object_too_large_for_a_list_is_shown_by_its_beginning() -> None:
    answer = json.dumps({"a": "ก" * (MAX_RESULT_BYTES // 3)})
    assert result_of(answer) == {"text": answer[:4000]}


def test_a_failure_is_told_from_an_answer() -> None:
    assert is_failure(failure("timeout", "No answer \x00."))
    assert not is_failure(result_of('{"error": "no such document"}'))
