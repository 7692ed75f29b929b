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
    "{'a': '",
    "{'",
    '{"a": "x"y", ',
    '```{"',
    '{"a":1,/*',
    '{"a":,  ',
    '{"a": 1 x {"',
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
        ('{"a" x} {"a": 1}', {"a": 1}),
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
        '{"a": 1 "b": {"c": 2}}',
        '{"a": "he said "no" to it", "b": {"c": 2}}',
        '{"date": 2024-01-02}',
        "Given {x, y}: no answer.",
        '{"a": [1, 2',
        '{"a": 1, "a": 2,}',
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


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, {"b": 2,},],}', {"a": [1, {"b": 2}]}),
        ('{"a": 1,\n "b": [{"c": 1,}, {"c": 2}]}', {"a": 1, "b": [{"c": 1}, {"c": 2}]}),
        ("{'a': None, 'b': [True, False]}", {"a": None, "b": [True, False]}),
        ("""{'a': "it's", 'b': 'say "x" \\'y\\''}""", {"a": "it's", "b": "say \"x\" 'y'"}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        (
            '{"a": 1, // why\n "b": "http://x/*y*/", /* and */ "c": "None, True,}"}',
            {"a": 1, "b": "http://x/*y*/", "c": "None, True,}"},
        ),
        ('Sure:\n```json\n{"a": 1,}\n```', {"a": 1}),
    ],
)
def test_small_faults_are_mended(answer: str, found: dict[str, object]) -> None:
    assert parse_object(answer) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"a": 1, "b":', {"a": 1}),
        ('{"a": 1, "b": "tru', {"a": 1}),
        ('{"a": 1, "b": 12', {"a": 1}),
        ('{"a": 1, "b": 12,', {"a": 1, "b": 12}),
        ('{"a": {"x": [1, 2]}, "b": [1, 2', {"a": {"x": [1, 2]}}),
        ('```json\n{"a": "x", "b": {"c": 1', {"a": "x"}),
    ],
)
def test_of_an_answer_that_was_cut_off_the_complete_members_are_kept(answer: str, found: dict[str, object]) -> None:
    assert parse_object(answer) == found


@given(
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=9), st.lists(st.integers()))),
    st.data(),
)
def test_a_cut_never_makes_a_value_up(written: dict[str, object], data: st.DataObject) -> None:
    text = json.dumps(written)
    found = parse_object(text[: data.draw(st.integers(0, len(text)))]) or {}
    expected = parse_object(text) or {}
    assert [name for name, value in found.items() if expected[name] != value] == []


def test_what_postgresql_can_not_hold_is_replaced() -> None:
    assert parse_object(r'{"a\u0000": ["\ud800 \u0000"]}') == {"a\ufffd": ["\ufffd \ufffd"]}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_megabyte_that_only_begins_again_and_again_is_read_in_a_second(beginning: str) -> None:
    answer = beginning * (MEGABYTE // len(beginning))
    started = time.process_time()
    result_of(answer)
    assert time.process_time() - started < 1


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
