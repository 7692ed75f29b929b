"""What a change changed, in a form that an entry takes."""

from __future__ import annotations

from audit.changes import differences


def test_only_what_differs_is_told() -> None:
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b": {"old": 2, "new": 3}}


def test_what_was_not_there_before_was_nothing() -> None:
    assert differences({}, {"a": 1}) == {"a": {"old": None, "new": 1}}


def test_what_is_not_looked_at_afterwards_is_not_told() -> None:
    assert differences({"a": 1}, {}) == {}


def test_objects_and_floats_are_told_as_text_in_one_order() -> None:
    before, after = {"a": {"y": 1, "x": 0.5}, "b": 0.1}, {"a": {"z": "ก"}, "b": 0.2}
    assert differences(before, after) == {
        "a": {"old": '{"x":0.5,"y":1}', "new": '{"z":"ก"}'},
        "b": {"old": "0.1", "new": "0.2"},
    }
