"""Validation of `parameters`."""

from __future__ import annotations

from typing import Any

import pytest

from providers.options import OPTIONS, validate_options

GOOD: dict[str, list[Any]] = {
    "system": ["Be brief."],
    "max_tokens": [1, 1_000_000],
    "temperature": [0, 0.7, 2],
    "top_p": [0, 1.0],
    "top_k": [1, 1000],
    "stop": ["END", ["a", "b"]],
    "seed": [-(2**31) + 1, 0, 2**31 - 1],
    "presence_penalty": [-2, 2.0],
    "frequency_penalty": [-2, 2.0],
    "reasoning_effort": ["none", "max"],
    "json_schema": [{"type": "object"}],
    "stream": [True, False],
    "simulate": [
        {},
        {"error": "timeout", "latency_ms": 5, "fail_attempts": 1},
        {"retry_after": 0.5},
        {"form": "cut", "leave_out": "date"},
    ],
}
BAD: dict[str, list[Any]] = {
    "system": ["", 1, None],
    "max_tokens": [0, -1, 1.5, "5", True, 10**400],
    "temperature": [-0.1, 2.1, "hot", float("nan"), float("inf"), True],
    "top_p": [1.1],
    "top_k": [0, 1.5],
    "stop": ["", [], [""], [1], ["x"] * 17, {"a": 1}],
    "seed": [2**31, 0.5],
    "presence_penalty": [-2.1],
    "frequency_penalty": [2.1],
    "reasoning_effort": ["huge", 1, ["low"]],
    "json_schema": [{}, "{}", []],
    "stream": [1, "yes"],
    "simulate": [
        "error",
        {"error": "bad luck"},
        {"latency_ms": -1},
        {"cut_stream": 1},
        {"chunks": 0.5},
        {"form": "broken"},
    ],
}


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_a_value_within_the_rules_passes(name: str, value: Any):
    assert validate_options({name: value}) == {}


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_a_value_against_the_rules_is_reported_under_its_name(name: str, value: Any):
    problems = validate_options({name: value, "top_k": 5} if name != "top_k" else {name: value})

    assert list(problems) == [name]


def test_the_tables_above_cover_every_option():
    assert set(GOOD) == set(BAD) == OPTIONS


def test_an_unknown_name_is_answered_with_the_known_ones():
    problem = validate_options({"base_url": "http://evil.invalid"})["base_url"]

    assert all(name in problem for name in OPTIONS)


def test_a_fault_within_simulate_names_the_entry():
    problem = validate_options({"simulate": {"latency_ms": -1, "colour": "red"}})["simulate"]

    assert "latency_ms: " in problem
    assert "colour: " in problem


@pytest.mark.parametrize("others", [{}, {"stream": False}])
def test_a_cut_stream_without_a_stream_is_answered_with_what_to_add(others: dict[str, Any]):
    problem = validate_options({"simulate": {"cut_stream": True}} | others)["simulate"]

    assert '"stream": true' in problem


@pytest.mark.parametrize(
    "parameters", [{"stream": True, "simulate": {"cut_stream": True}}, {"simulate": {"cut_stream": False}}]
)
def test_a_stream_may_be_cut_and_an_answer_may_stay_whole(parameters: dict[str, Any]):
    assert validate_options(parameters) == {}
