"""The simulator's answers to a JSON Schema: they fit, come from the document, and break as they are told to."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from providers.base import Completion, CompletionRequest, FinishReason
from providers.simulated_fields import answer, document
from providers.simulator import SimulatorProvider
from providers.tests.test_schemas import OCR_SCHEMA

RECEIPT = """\
BOOK SHOP SDN BHD
12, JALAN SAGU 18
81100 JOHOR BAHRU
Document No: TD01167104
Date: 25/12/2018 8:13 PM
Subtotal 1,009.00
Total 1,012.50
"""
PROMPT = f"Read this. Today is 1999-01-01.\n----- text -----\n{RECEIPT}----- end -----\nAnswer."


def complete(schema: dict[str, Any] = OCR_SCHEMA, prompt: str = PROMPT, **simulate: Any) -> Completion:
    request = CompletionRequest("default", prompt, {"json_schema": schema, "simulate": simulate})
    return asyncio.run(SimulatorProvider("simulator").complete(request))


def field(name: str, text: str = RECEIPT, **schema: Any) -> Any:
    return answer({"type": "object", "properties": {name: {"type": "string"} | schema}}, text)[name]


def test_the_seeded_schema_is_filled_as_it_demands() -> None:
    Draft202012Validator(OCR_SCHEMA).validate(json.loads(complete().text))


def test_the_same_prompt_has_the_same_fields() -> None:
    assert complete() == complete()


def test_another_document_has_other_fields() -> None:
    other = PROMPT.replace("BOOK SHOP", "TEA HOUSE").replace("25/12", "24/12")
    before, after = json.loads(complete().text), json.loads(complete(prompt=other).text)
    assert before["subject"] != after["subject"]
    assert before["date"] != after["date"]


def test_a_receipt_gives_what_stands_on_it() -> None:
    values = {name: field(name) for name in ("company", "date", "address", "total", "documentNumber")}
    assert values == {
        "company": "BOOK SHOP SDN BHD",
        "date": "2018-12-25",
        "address": "12, JALAN SAGU 18, 81100 JOHOR BAHRU",
        "total": "1,012.50",
        "documentNumber": "TD01167104",
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-02-29", "2024-02-29"),
        ("1/2/24", "2024-02-01"),
        ("25 Mar 2018", "2018-03-25"),
        ("05/06/2567", "2024-06-05"),
    ],
)
def test_dates_are_read_in_their_usual_forms(written: str, read: str) -> None:
    assert field("date", f"No 99/99/9999, but {written}.") == read


def test_what_the_document_lacks_is_null_where_that_is_allowed_and_empty_elsewhere() -> None:
    assert field("date", "No date.", type=["string", "null"]) is None
    assert field("date", "No date.") == ""


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ({"type": "number", "minimum": 3, "maximum": 4}, lambda value: 3 <= value <= 4),
        ({"type": "integer", "minimum": -2, "maximum": -1}, lambda value: value in (-2, -1)),
        ({"type": "boolean"}, lambda value: isinstance(value, bool)),
        ({"const": 7}, lambda value: value == 7),
        ({"enum": ["north", "JOHOR"]}, lambda value: value == "JOHOR"),
        ({"enum": ["x", "y"]}, lambda value: value in ("x", "y")),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 2}, lambda value: len(value) == 2),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, lambda value: value is None),
        ({"type": "string", "maxLength": 4}, lambda value: value == "BOOK"),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_a_value_is_of_the_kind_and_size_that_the_schema_says(schema: dict[str, Any], fits: Any) -> None:
    assert fits(answer({"type": "object", "properties": {"x": schema}}, RECEIPT)["x"])


def test_rows_of_a_table_are_filled_too() -> None:
    row = {"type": "object", "properties": {"price": {"type": "number"}}}
    schema = {"properties": {"rows": {"type": "array", "items": {"$ref": "#/$defs/row"}}}, "$defs": {"row": row}}
    assert answer(schema, RECEIPT) == {"rows": [{"price": 1012.5}]}


def test_a_schema_that_holds_itself_is_not_followed_for_ever() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {name: {"$ref": "#"} for name in "abcdefgh"}}
    started = time.process_time()
    answer(schema, RECEIPT)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "hostile", ["1/" * 500_000, "A-" * 500_000, "1," * 500_000, "a" * 1_000_000], ids=lambda text: text[:3]
)
def test_a_megabyte_of_almost_values_is_read_in_a_second(hostile: str) -> None:
    started = time.process_time()
    complete(prompt=hostile)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("prompt", "text"),
    [("a\n---\nb\n--- end\nc", "\nb\n"), ("a\n-----\nb", "\nb"), ("a - b", "a - b")],
)
def test_the_document_is_what_the_template_fences_off(prompt: str, text: str) -> None:
    assert document(prompt) == text


def test_an_answer_can_be_fenced() -> None:
    assert complete(form="fenced").text == f"```json\n{complete().text}\n```"


def test_an_answer_can_be_chatty() -> None:
    text = complete(form="chatty").text
    assert complete().text in text
    assert not text.startswith("{")


def test_an_answer_can_be_cut_off_and_then_says_so() -> None:
    completion = complete(form="cut")
    assert complete().text.startswith(completion.text)
    assert len(completion.text) < len(complete().text)
    assert completion.finish_reason is FinishReason.LENGTH


def test_a_field_can_be_left_out() -> None:
    assert json.loads(complete().text).keys() - json.loads(complete(leave_out="date").text).keys() == {"date"}


def test_a_scripted_text_has_the_last_word() -> None:
    assert complete(text="No JSON.").text == "No JSON."
