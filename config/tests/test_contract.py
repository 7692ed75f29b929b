"""The published contract: our schema takes nothing away from it, and a client that is made from it works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework.test import APIClient

from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin

CONTRACT: dict[str, Any] = yaml.safe_load(
    (settings.BASE_DIR / "docs/contract/prompt-versions.openapi.yaml").read_text("utf-8")
)
(BASE,) = (server["url"] for server in CONTRACT["servers"])
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
}
TEMPLATE = "Read this:\n{{ocr_text}}"
OCR = {"promptType": "ocr_extraction"}

each_operation = pytest.mark.parametrize("name", OPERATIONS)


@pytest.fixture(scope="module")
def ours() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


def resolved(document: dict[str, Any], value: Any) -> Any:
    """The value without references, and in terms of JSON Schema: null is a type, and an example says nothing."""
    if isinstance(value, list):
        return [resolved(document, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target: Any = document
        for name in value["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return resolved(document, target)
    plain = {name: resolved(document, item) for name, item in value.items() if name not in {"nullable", "example"}}
    return plain | {"type": [value["type"], "null"]} if value.get("nullable") else plain


def body_of(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    content = resolved(document, operation).get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema")


def answer_of(document: dict[str, Any], operation: dict[str, Any], status: str) -> Any:
    answer = resolved(document, operation)["responses"][status]
    return answer.get("content", {}).get("application/json", {}).get("schema")


def missing_in_answer(theirs: Any, mine: Any, place: str = "") -> Iterator[str]:
    """What the contract promises and the other schema doesn't."""
    if theirs.get("type") != mine.get("type") or theirs.get("format") != mine.get("format"):
        yield f"{place}: {theirs.get('type')} became {mine.get('type')}"
    yield from (f"{place}.{name} is optional" for name in {*theirs.get("required", ())} - {*mine.get("required", ())})
    for name, schema in theirs.get("properties", {}).items():
        if name not in mine["properties"]:
            yield f"{place}.{name} is gone"
        else:
            yield from missing_in_answer(schema, mine["properties"][name], f"{place}.{name}")
    if "items" in theirs:
        yield from missing_in_answer(theirs["items"], mine["items"], f"{place}[]")


def missing_in_body(theirs: Any, mine: Any) -> Iterator[str]:
    """What the contract lets through and the other schema doesn't."""
    yield from (f"{name} has become required" for name in {*mine.get("required", ())} - {*theirs.get("required", ())})
    for name, schema in theirs["properties"].items():
        other = mine["properties"].get(name, {})
        if schema["type"] != other.get("type") or schema.get("maxLength") != other.get("maxLength"):
            yield f"{name} is another {schema['type']}"


@each_operation
def test_our_schema_has_the_operation_with_the_same_parameters(ours: Any, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    mine = ours["paths"][f"{BASE}{path}"][method]
    types = {parameter["name"]: parameter["schema"]["type"] for parameter in mine["parameters"]}
    for parameter in operation["parameters"]:
        assert types[parameter["name"]] == parameter["schema"]["type"]
    optional = [parameter for parameter in mine["parameters"] if parameter["in"] != "path"]
    assert not any(parameter.get("required") for parameter in optional)


@each_operation
def test_our_schema_has_every_answer_and_takes_nothing_from_it(ours: Any, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    mine = ours["paths"][f"{BASE}{path}"][method]
    for status in operation["responses"]:
        theirs, other = answer_of(CONTRACT, operation, status), answer_of(ours, mine, status)
        assert (theirs is None) == (other is None), status
        assert theirs is None or [*missing_in_answer(theirs, other)] == []


@each_operation
def test_our_schema_takes_every_body_that_the_contract_has(ours: Any, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    theirs, mine = body_of(CONTRACT, operation), body_of(ours, ours["paths"][f"{BASE}{path}"][method])
    if theirs is None:
        assert not ours["paths"][f"{BASE}{path}"][method].get("requestBody", {}).get("required")
    else:
        assert [*missing_in_body(theirs, mine)] == []


class GeneratedClient:
    """As a generator makes it: a call for each operation, that takes only answers which the contract describes."""

    def __init__(self, client: APIClient) -> None:
        self.client = client

    def call(self, name: str, body: Any = None, **path: Any) -> tuple[int, Any]:
        method, template, operation = OPERATIONS[name]
        answer = getattr(self.client, method)(BASE + template.format(**path), body)
        assert str(answer.status_code) in operation["responses"], (name, answer.status_code, answer.content)
        schema = answer_of(CONTRACT, operation, str(answer.status_code))
        if schema is None:
            assert answer.content == b""
            return answer.status_code, None
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json())
        return answer.status_code, answer.json()


@pytest.fixture
def generated(db: None) -> GeneratedClient:
    return GeneratedClient(client_of(make_admin()))


def test_a_generated_client_leads_a_version_through_its_life(generated: GeneratedClient) -> None:
    status, created = generated.call("createPromptVersion", {"template": TEMPLATE}, **OCR)
    number = {"versionNumber": created["data"]["versionNumber"]}
    assert (status, number, created["data"]["isActive"]) == (201, {"versionNumber": 2}, False)
    _, noted = generated.call("updatePromptNote", {"manualNote": "Shorter."}, **OCR, **number)
    assert noted["data"]["manualNote"] == "Shorter."
    _, activated = generated.call("activatePromptVersion", **OCR, **number)
    assert activated["data"]["isActive"]
    assert generated.call("deletePromptVersion", **OCR, **number)[0] == 400
    generated.call("activatePromptVersion", **OCR, versionNumber=1)
    assert generated.call("deletePromptVersion", **OCR, **number) == (204, None)
    _, listed = generated.call("listPromptVersions", **OCR)
    assert [row["versionNumber"] for row in listed["data"]] == [1]


def test_a_generated_client_understands_every_refusal_of_the_contract(generated: GeneratedClient) -> None:
    assert generated.call("createPromptVersion", {"template": "no placeholder"}, **OCR)[0] == 400
    assert generated.call("createPromptVersion", {"template": TEMPLATE}, promptType="nothing")[0] == 400
    assert generated.call("listPromptVersions", promptType="nothing") == (200, {"data": []})
    unknown = OCR | {"versionNumber": 99}
    assert generated.call("activatePromptVersion", **unknown)[0] == 404
    assert generated.call("deletePromptVersion", **unknown)[0] == 404
    assert generated.call("updatePromptNote", {"manualNote": None}, **unknown)[0] == 404


@each_operation
def test_a_generated_client_understands_that_somebody_may_not(db: None, name: str) -> None:
    client = GeneratedClient(client_of(make_user()))
    bodies = {"createPromptVersion": {"template": TEMPLATE}, "updatePromptNote": {"manualNote": None}}
    assert client.call(name, bodies.get(name), **OCR, versionNumber=1)[0] == 403
