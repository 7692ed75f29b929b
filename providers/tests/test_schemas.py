"""Every legal schema becomes one that all vendors take, or none."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.anthropic_schemas import MOST_OPTIONAL, MOST_UNIONS, enforceable
from providers.schemas import MOST_DEPTH, MOST_PARTS, parts, portable

#: The schema that every installation begins with.
OCR_SCHEMA: dict[str, Any] = import_module("prompts.migrations.0007_seed_versions").OCR_SCHEMA
TAKEN_BY_ALL = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"}
TEXT = {"type": "string"}
NULL = {"type": "null"}


def field(schema: Any, *, required: bool = True) -> Any:
    """What becomes of a field with that schema."""
    whole = portable({"type": "object", "properties": {"a": schema}, "required": ["a"] if required else []})
    return whole and whole["properties"]["a"]


def nullable_fields(count: int) -> dict[str, Any]:
    return {"type": "object", "properties": {f"f{number}": TEXT for number in range(count)}}


def test_the_seeded_schema_keeps_its_fields_and_has_nothing_that_a_vendor_refuses() -> None:
    made = portable(OCR_SCHEMA)
    assert made is not None
    assert list(made["properties"]) == list(OCR_SCHEMA["properties"])
    assert made["properties"]["date"]["type"] == ["string", "null"]
    assert {name for part in parts(made) for name in part} <= TAKEN_BY_ALL


def test_what_is_not_enforced_stands_in_the_description() -> None:
    made = field({"type": "string", "description": "In words.", "maxLength": 5, "pattern": "^x"})
    assert made == {"type": "string", "description": 'In words.\n\n{pattern: "^x", maxLength: 5}'}


@pytest.mark.parametrize(
    ("schema", "nullable"),
    [
        (TEXT, {"type": ["string", "null"]}),
        ({"type": ["integer", "null"]}, {"type": ["integer", "null"]}),
        ({"enum": ["x"]}, {"anyOf": [{"type": "string", "enum": ["x"]}, NULL]}),
        ({"type": "array", "items": TEXT}, {"anyOf": [{"type": "array", "items": TEXT}, NULL]}),
        ({"anyOf": [TEXT, {"type": "number"}]}, {"anyOf": [TEXT, {"type": "number"}, NULL]}),
        ({"anyOf": [TEXT, NULL]}, {"type": ["string", "null"]}),
    ],
)
def test_an_optional_field_may_be_null_instead(schema: dict[str, Any], nullable: dict[str, Any]) -> None:
    assert field(schema, required=False) == nullable


def test_an_object_is_closed_and_all_of_its_fields_are_required() -> None:
    made = field({"type": "object", "properties": {"x": TEXT, "y": NULL}, "additionalProperties": True})
    assert (made["required"], made["additionalProperties"]) == (["x", "y"], False)


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({"const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"const": None}, NULL),
        ({"const": True}, {"type": "boolean"}),
        ({"enum": ["x", None]}, {"anyOf": [{"type": "string", "enum": ["x"]}, NULL]}),
        ({"enum": [1, 2.5]}, {"type": "number", "enum": [1, 2.5]}),
        ({"oneOf": [TEXT, {"type": "integer"}]}, {"anyOf": [TEXT, {"type": "integer"}]}),
        ({"allOf": [TEXT]}, TEXT),
        ({"type": ["string", "number"]}, {"anyOf": [TEXT, {"type": "number"}]}),
    ],
)
def test_other_words_for_the_same_are_translated(schema: dict[str, Any], made: dict[str, Any]) -> None:
    assert field(schema) == made


def test_a_reference_is_replaced_by_what_it_names() -> None:
    made = portable(
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/x~1y"}},
            "required": ["a"],
            "$defs": {"x/y": TEXT},
        }
    )
    assert made == {"type": "object", "properties": {"a": TEXT}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "object"},
        {"type": "object", "additionalProperties": TEXT},
        {"type": "array"},
        {"type": "array", "prefixItems": [TEXT]},
        {"enum": ["x", 1]},
        {"allOf": [TEXT, {"minLength": 1}]},
        {"not": TEXT},
        {"$ref": "#"},
        {"$ref": "#/properties/a"},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.com/schema"},
    ],
    ids=str,
)
def test_what_can_not_be_said_to_all_vendors_is_not_said(schema: Any) -> None:
    assert field(schema) is None


@pytest.mark.parametrize("root", [TEXT, {"type": "array", "items": TEXT}, {"anyOf": [OCR_SCHEMA, NULL]}], ids=str)
def test_the_root_has_to_be_an_object(root: dict[str, Any]) -> None:
    assert portable(root) is None


def test_a_schema_too_large_or_too_deep_is_not_sent() -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(MOST_DEPTH):
        deep = {"type": "array", "items": deep}
    assert field(deep) is None
    assert portable(nullable_fields(MOST_PARTS)) is None
    assert field({"enum": ["x" * 20_000]}) is None


def test_references_that_double_at_each_step_end_soon() -> None:
    steps = {f"s{n}": {"type": "array", "items": {"anyOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2}} for n in range(50)}
    assert portable({"type": "object", "properties": {"a": {"$ref": "#/$defs/s0"}}, "$defs": steps}) is None


LEAVES = st.sampled_from([{}, TEXT, NULL, {"enum": ["x", None]}, {"const": 1}, {"type": ["number", "null"]}, True])
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item, "maxItems": 3}, inner),
        st.builds(lambda choices: {"anyOf": choices}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda fields, required: {"type": "object", "properties": fields, "required": required},
            st.dictionaries(st.sampled_from("abc"), inner),
            st.lists(st.sampled_from("abc"), unique=True),
        ),
    ),
    max_leaves=12,
)


@given(SCHEMAS)
def test_whatever_is_sent_holds_to_the_rules_of_the_strictest_vendor(schema: Any) -> None:
    made = portable({"type": "object", "properties": {"a": schema}})
    for part in parts(made) if made else ():
        assert part.keys() <= TAKEN_BY_ALL
        assert "type" in part or "anyOf" in part
        if part.get("type") == "object":
            assert (part["additionalProperties"], part["required"]) == (False, list(part["properties"]))
    json.dumps(made)


def test_anthropic_gets_nullable_fields_as_long_as_they_are_few() -> None:
    made = enforceable(nullable_fields(MOST_UNIONS))
    assert made == portable(nullable_fields(MOST_UNIONS))


def test_anthropic_gets_many_of_them_as_fields_that_may_be_absent() -> None:
    made = enforceable(nullable_fields(MOST_UNIONS + 1))
    assert made is not None
    assert (made["required"], made["properties"]["f0"]) == ([], TEXT)


def test_anthropic_gets_no_schema_that_is_beyond_its_limits() -> None:
    assert enforceable(nullable_fields(MOST_OPTIONAL + 1)) is None
    assert enforceable({"type": "object", "properties": {"วันที่": TEXT}}) is None
