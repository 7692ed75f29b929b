"""Versions made to do harm: 4xx in about a second, or stored as the plain text that they are."""

from __future__ import annotations

import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptType, PromptVersion
from prompts.models.prompt_type import MAX_TEMPLATE_LENGTH

TEXT = "/api/ai/prompts/text"
SECONDS = 2.0

REFUSED = {
    "arithmetic": "{{7*7}}",
    "attribute": "{{ input.__class__ }}",
    "filter": "{{ input|safe }}",
    "tag in braces": "{{% if x %}}",
    "capital": "{{Input}}",
    "not ended": "a {{input",
    "nested": "{{ {{input}} }}",
    "three braces": "{{{input}}}",
    "empty name": "{{}}",
    "line break in a name": "{{\ninput\n}}",
    "a name of 65": "{{" + "a" * 65 + "}}",
    "digits of another script": "{{a٣}}",
    "empty": "",
    "white space": " \n\t ",
    "too long": "x" * 20_001,
}
PLAIN = [
    "{x.__class__} {x:>999999999} {0} %s %(x)s ${jndi:ldap://x} {% include 'x' %} {# no #}",
    "<script>alert(1)</script>",
    "}} }}}} { {input}",
    "'; DROP TABLE prompt_versions; --",
    "\u202eright to left\u202c \u200b \ufeff",
]


def create(client: APIClient, template: Any, **values: Any) -> Any:
    return client.post(TEXT, {"template": template} | values)


@pytest.mark.parametrize("name", REFUSED)
def test_braces_that_hold_no_placeholder_are_refused_on_the_template(as_admin: APIClient, name: str) -> None:
    answer = create(as_admin, REFUSED[name])
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["template"])
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1


def test_a_refusal_names_the_line_and_the_column(as_admin: APIClient) -> None:
    message = create(as_admin, "one\ntwo {{7*7}}").json()["message"]
    assert "Line 2, column 5" in message
    assert "{{7*7}}" in message


@pytest.mark.parametrize("template", PLAIN)
def test_what_other_languages_would_run_is_plain_text(as_admin: APIClient, template: str) -> None:
    created = create(as_admin, template)
    assert created.status_code == 201, created.content
    rendered = as_admin.post(f"{TEXT}/render", {"variables": {}, "versionNumber": 2})
    assert rendered.json()["data"]["text"] == template


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("template", None),
        ("template", 1),
        ("template", ["{{input}}"]),
        ("model", "nobody/knows"),
        ("model", None),
        ("model", "x" * 201),
        ("parameters", []),
        ("parameters", {"temperature": "hot"}),
        ("parameters", {"base_url": "http://169.254.169.254/"}),
        ("parameters", {"api_key": "k"}),
        ("fieldSchema", "x"),
        ("fieldSchema", {"type": "nothing"}),
        ("fieldSchema", {"pattern": "("}),
        ("fieldSchema", {"pattern": "(" * 3000 + ")" * 3000}),
        ("fieldSchema", {"pattern": "a{99999999999999999999}"}),
        ("fieldSchema", {"title": "x" * 70_000}),
        ("fieldSchema", {"allOf": [{}] * 15_000}),
        ("manualNote", "x" * 2001),
        ("manualNote", {}),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_on_its_field_at_once(
    as_admin: APIClient, field: str, value: Any
) -> None:
    started = time.process_time()
    answer = create(as_admin, **{"template": "{{input}}"} | {field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert time.process_time() - started < SECONDS


def raw(client: Any, method: str, path: str, body: bytes) -> Any:
    return client.generic(method, path, body, "application/json")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"template": "a\\u0000b"}', 400),
        (b'{"template": "\\ud800"}', 400),
        (b'{"template": "\xed\xa0\x80"}', 400),
        (b'{"template": ', 400),
        (b"[]", 400),
        (b'{"manualNote": "\\u0000"}', 400),
        (b'{"manualNote": "\\udfff"}', 400),
        (b'{"bypassReason": "\\u0000"}', 400),
        (b'{"template": "' + b"x" * 8_500_000 + b'"}', 413),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", TEXT), ("PATCH", f"{TEXT}/1/note"), ("POST", f"{TEXT}/1/activate"),
                         ("POST", f"{TEXT}/1/sandbox"), ("POST", f"{TEXT}/render")]
)  # fmt: skip
def test_a_body_that_cannot_be_stored_is_refused(
    as_admin: APIClient, method: str, path: str, body: bytes, status: int
) -> None:
    answer = raw(as_admin, method, path, body)
    assert answer.status_code == status, answer.content[:300]
    assert {"message", "userMessage", "recoveryAction"} <= set(answer.json())


def test_a_template_of_the_longest_kind_is_stored_compared_and_rendered_in_time(as_admin: APIClient) -> None:
    PromptType.objects.filter(slug="text").update(max_template_length=MAX_TEMPLATE_LENGTH)
    started = time.process_time()
    for mark in "ab":
        template = (f"{mark}\n" * (MAX_TEMPLATE_LENGTH // 2))[:-9] + "{{input}}"
        assert create(as_admin, template).status_code == 201
    assert as_admin.get(f"{TEXT}/diff", {"from": 2, "to": 3}).status_code == 200
    assert as_admin.post(f"{TEXT}/render", {"variables": {"input": "x"}, "versionNumber": 3}).status_code == 200
    assert time.process_time() - started < 4 * SECONDS


@pytest.mark.parametrize("path", [f"{TEXT}/render", f"{TEXT}/2/sandbox", "/api/ai/prompts/"])
def test_a_small_template_cannot_be_filled_in_to_gigabytes(as_admin: APIClient, path: str) -> None:
    assert create(as_admin, "{{input}}" * 2000).status_code == 201
    body: dict[str, Any] = {"variables": {"input": "x" * 7_000_000}}
    if path == f"{TEXT}/render":
        body |= {"versionNumber": 2}
    elif path == "/api/ai/prompts/":
        body |= {"version_number": 2, "prompt_type": "text", "model": "simulator/default"}
    started = time.process_time()
    answer = as_admin.post(path, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["variables"])
    assert time.process_time() - started < SECONDS


def test_many_unknown_variables_are_refused_in_time_and_few_of_them_named(as_admin: APIClient) -> None:
    started = time.process_time()
    answer = as_admin.post(f"{TEXT}/render", {"variables": {f"v{number}": "" for number in range(45_000)}})
    assert answer.status_code == 400
    assert len(answer.content) < 10_000
    assert time.process_time() - started < SECONDS


def test_a_value_is_never_looked_at_for_placeholders(as_admin: APIClient) -> None:
    create(as_admin, "{{one}} and {{two}}")
    variables = {"one": "{{two}}", "two": "{{one}} {{7*7}} {one.__class__}"}
    answer = as_admin.post(f"{TEXT}/render", {"variables": variables, "versionNumber": 2})
    assert answer.json()["data"]["text"] == "{{two}} and {{one}} {{7*7}} {one.__class__}"
