"""Answers are held against their version's schema: what is missing, what doesn't fit, and never for long."""

from __future__ import annotations

import threading
import time
from importlib import import_module
from typing import Any

import pytest
from django.utils import translation

from prompts import bounded_validator
from prompts.field_schemas import MOST_PROBLEMS, FieldCheck, FieldProblem, check, check_answer

OCR_SCHEMA: dict[str, Any] = import_module("prompts.migrations.0007_seed_versions").OCR_SCHEMA
GOOD = {
    "documentNumber": "A-1",
    "subject": "Rent",
    "discipline": "legal",
    "date": "2024-02-01",
    "confidence": 0.5,
    "category": "letter",
    "tags": [],
    "summary": "About the rent.",
}
SECONDS = 2
DOUBLING = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(40)} | {"s40": {}}


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with the field `x`."""
    return [problem.message for problem in check_answer({"properties": {"x": schema}}, {"x": value}).problems]


def test_an_answer_that_fits_has_nothing_to_say() -> None:
    assert check_answer(OCR_SCHEMA, GOOD) == FieldCheck((), ())


@pytest.mark.parametrize("absent", [{}, {"subject": None}, {"subject": ""}], ids=str)
def test_a_field_without_a_value_is_missing_and_no_problem(absent: dict[str, Any]) -> None:
    rest = {name: value for name, value in GOOD.items() if name != "subject"}
    assert check_answer(OCR_SCHEMA, rest | absent) == FieldCheck(("subject",), ())


def test_a_required_field_that_is_nowhere_described_is_missing_too() -> None:
    assert check_answer({"required": ["x"]}, {}).missing == ("x",)


@pytest.mark.parametrize(("name", "value"), [("tags", []), ("confidence", 0)])
def test_nothing_in_a_list_and_zero_are_values(name: str, value: Any) -> None:
    assert check_answer(OCR_SCHEMA, GOOD | {name: value}).missing == ()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("subject", "x" * 201, "Must have at most 200 characters."),
        ("date", "1/2/2024", "Does not have the form that the schema asks for."),
        ("confidence", 1.5, "Must be at most 1."),
        ("confidence", "high", "Must be a number."),
        ("tags", ["a", 1], "[1]: Must be a text."),
        ("more", 1, "The schema has no such field."),
    ],
)
def test_a_value_that_does_not_fit_is_told_under_its_field(name: str, value: Any, message: str) -> None:
    assert check_answer(OCR_SCHEMA, GOOD | {name: value}).problems == (FieldProblem(name, message),)


def test_a_field_that_the_schema_does_not_know_is_no_problem_unless_it_is_forbidden() -> None:
    assert check_answer({"properties": {"a": {}}}, {"a": 1, "b": 2}) == FieldCheck((), ())


def test_null_stands_for_an_optional_part_that_is_absent() -> None:
    row = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]}
    assert problems({"type": "array", "items": row}, [{"a": None, "b": "x"}]) == []
    assert problems({"type": "array", "items": row}, [{"a": "x", "b": None}]) == ["[0][b]: Must be a text."]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"enum": ["a", "b"]}, "c", "Must be one of: a, b."),
        ({"const": 1}, 2, "Must be one of: 1."),
        ({"type": ["integer", "null"]}, "c", "Must be a whole number / nothing."),
        ({"exclusiveMinimum": 0}, 0, "Must be more than 0."),
        ({"multipleOf": 5}, 7, "Must be a multiple of 5."),
        ({"minItems": 2}, [1], "Must have at least 2 entries."),
        ({"uniqueItems": True}, [1, 1], "No entry may stand twice."),
        ({"required": ["y"]}, {}, "y is missing."),
        ({"anyOf": [{"type": "number"}, {"type": "array"}]}, "c", "Does not fit the schema."),
        (False, "c", "Does not fit the schema."),
    ],
    ids=str,
)
def test_every_rule_has_its_sentence(schema: Any, value: Any, message: str) -> None:
    assert problems(schema, value) == [message]


def test_problems_are_told_in_the_reader_s_language() -> None:
    with translation.override("th"):
        assert all(problem.message for problem in check_answer(OCR_SCHEMA, GOOD | {"confidence": 2}).problems)


def test_problems_have_an_end() -> None:
    assert len(problems({"items": {"type": "string"}}, list(range(1000)))) == MOST_PROBLEMS


def test_the_same_problem_is_told_once() -> None:
    assert problems({"allOf": [{"type": "string"}] * 5}, 1) == ["Must be a text."]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 9000 + "b"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^(a+)+$"}, "a" * 50 + "b"),
        ({"pattern": "(?=(a+)+$)b"}, "a" * 50 + "b"),
        ({"pattern": "(?:a?){300}a{300}$"}, "a" * 9000 + "b"),
        ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 50 + "b": 1}),
        ({"propertyNames": {"pattern": "^(a+)+$"}}, {"a" * 50 + "b": 1}),
        ({"$ref": "#/$defs/s0"}, 1),
        ({"$ref": "#/$defs/s0", "unevaluatedProperties": False}, {"a": 1}),
        ({"$ref": "#/properties/x"}, 1),
        ({"anyOf": [{"$ref": "#/properties/x"}, {"$ref": "#/properties/x"}]}, 1),
        ({"uniqueItems": True}, [str(n) if n % 2 else {"n": n} for n in range(50_000)]),
        ({"items": {"enum": [str(n) for n in range(5000)]}}, ["4999"] * 50_000),
        ({"contains": {"const": 0}}, [1] * 300_000),
        ({"multipleOf": 0.1}, 10**4000),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_made_to_be_slow_ends_soon_and_never_raises(
    schema: dict[str, Any], value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_validator, "MOST_SECONDS", 0.2)
    whole = {"properties": {"x": schema}, "$defs": DOUBLING}
    check(whole)
    started = time.thread_time()
    check_answer(whole, {"x": value})
    assert time.thread_time() - started < SECONDS


def test_what_was_not_checked_is_said() -> None:
    (problem,) = check_answer({"properties": {"x": {"$ref": "#/properties/x"}}}, {"x": 1}).problems
    assert (problem.field, "was not checked" in problem.message) == ("", True)


def test_a_reference_to_another_host_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **kwargs: asked.set())
    assert problems({"$ref": "http://127.0.0.1:1/schema.json"}, 1) != []
    assert not asked.is_set()
