"""How answers look in the sandbox: beside their schema, the test before, and each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from prompts.admin.workbench import troubles
from prompts.tests.admin.sandboxes import address, answered, comparison, editor, editor_page, tried
from prompts.tests.admin.stories import run_once
from prompts.tests.factories import failed, make_user, make_version
from providers.base import FinishReason
from providers.exceptions import ErrorClass

__all__ = ["editor", "editor_page"]
pytestmark = pytest.mark.django_db

SCHEMA = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "date": {"type": "string"}, "total": {"type": "string"}},
    "required": ["number", "date"],
}


def test_fields_are_held_against_the_schema_of_the_version(editor: Any, editor_page: Client) -> None:
    version = make_version(field_schema=SCHEMA)
    shown = editor_page.get(
        address(answered(editor, '{"number": "seven", "total": null, "more": [1]}', version))
    ).context
    rows = {row.name: (row.value, row.mark, row.problems) for row in shown["answer"]["fields"].rows}
    values = {name: value for name, (value, _mark, _problems) in rows.items()}
    assert values == {"number": "seven", "date": None, "total": None, "more": "[\n  1\n]"}
    marks = {name: mark.split(">")[1].split("<")[0] for name, (_value, mark, _problems) in rows.items()}
    assert marks == {"number": "Problem", "date": "Missing", "total": "Empty", "more": "Fits"}
    assert rows["number"][2] == ("Must be a whole number.",)


def test_fields_of_a_draft_are_held_against_its_own_schema(editor: Any, editor_page: Client) -> None:
    shown = editor_page.get(address(answered(editor, '{"number": 7}', field_schema=SCHEMA))).text
    assert "Missing" in shown
    assert "Fits" in shown


def test_an_answer_without_the_object_that_was_asked_for_says_so(editor: Any, editor_page: Client) -> None:
    shown = editor_page.get(address(answered(editor, "I can't.", make_version(field_schema=SCHEMA)))).text
    assert "The answer is no JSON object" in shown
    assert "I can&#x27;t." in shown


def test_an_answer_that_was_cut_says_so(editor: Any, editor_page: Client) -> None:
    test = answered(editor, "Once upon", finish_reason=FinishReason.LENGTH)
    assert "limit of length" in editor_page.get(address(test)).text


def test_the_answer_is_compared_with_the_test_before(editor: Any, editor_page: Client) -> None:
    version = make_version()
    answered(editor, "one\ntwo\n", version)
    same = editor_page.get(address(answered(editor, "one\ntwo\n", version))).text
    other = editor_page.get(address(answered(editor, "one\nthree\n", version))).text
    assert "The same as in the test before" in same
    assert "It differs from the test before" in other
    assert '<tr class="insert">' in other


def test_it_is_not_compared_with_what_its_reader_may_not_see(editor: Any, editor_page: Client) -> None:
    version = make_version()
    answered(make_user(), "Somebody else's.", version)
    shown = editor_page.get(address(answered(editor, "Mine.", version))).text
    assert "Mine." in shown
    assert "test before" not in shown
    assert "Somebody else" not in shown


@pytest.mark.parametrize(
    "error_class", [*ErrorClass, "configuration", "internal", "worker_lost", "unreadable_document"]
)
def test_every_class_of_errors_has_words(error_class: str) -> None:
    with translation.override("en"):
        assert troubles.words(str(error_class)) != troubles.words("something new")


def test_a_failed_test_says_why_in_clear_words(editor: Any, editor_page: Client) -> None:
    shown = editor_page.get(address(run_once(tried(editor), failed, "auth"))).text
    assert "The provider refuses the key of this installation." in shown
    assert "It did not work." in shown


def test_objects_are_compared_field_by_field(editor: Any, editor_page: Client) -> None:
    left = answered(editor, json.dumps({"a": 1, "b": "x"}))
    right = answered(editor, json.dumps({"b": "x", "a": 2, "c": None}))
    found = editor_page.get(comparison(left, right)).context["comparison"]
    assert [(pair.name, pair.left, pair.right, pair.is_same) for pair in found.pairs] == [
        ("a", "1", "2", False),
        ("b", "x", "x", True),
        ("c", None, "null", False),
    ]


def test_texts_are_compared_line_by_line(editor: Any, editor_page: Client) -> None:
    left, right = answered(editor, "one\ntwo"), answered(editor, '{"a": 1}')
    found = editor_page.get(comparison(left, right)).context["comparison"]
    assert [(row.op, row.text) for row in found.text.rows] == [
        ("delete", "one"),
        ("delete", "two"),
        ("insert", '{"a": 1}'),
    ]


def test_answers_that_are_the_same_are_said_to_be(editor: Any, editor_page: Client) -> None:
    left, right = answered(editor, "one"), answered(editor, "one")
    assert "They are the same." in editor_page.get(comparison(left, right)).text


def test_nothing_is_compared_before_both_are_there(editor: Any, editor_page: Client) -> None:
    left, right = answered(editor, "one"), tried(editor)
    assert "when both are there" in editor_page.get(comparison(left, right)).text
