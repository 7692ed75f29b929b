"""What the workbench tells of a draft while it is typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.admin.workbench.checks import Report
from prompts.models import PromptType
from prompts.tests.admin.benches import bench, typed
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db


def told(page: Client, slug: str = "text", **values: Any) -> Report:
    answer = page.post(bench(slug, "_check"), typed(**values))
    assert answer.status_code == 200
    report: Report = answer.context["report"]
    return report


def fields(report: Report) -> list[str]:
    return [problem.field for problem in report.problems]


def test_each_required_placeholder_is_there_or_missing(editor_page: Client) -> None:
    PromptType.objects.filter(slug="text").update(required_placeholders=["input", "tone"])
    report = told(editor_page, template="Say {{ input }} to {{name}}.")
    assert [(one.name, one.is_there) for one in report.required] == [("{{input}}", True), ("{{tone}}", False)]
    assert report.others == ["{{name}}"]
    assert fields(report) == ["template"]
    assert "{{tone}}" in report.problems[0].text


def test_up_to_a_mistake_the_placeholders_are_still_found(editor_page: Client) -> None:
    report = told(editor_page, template="{{input}} {{Wrong}}")
    assert report.others == ["{{input}}"]
    assert "Line 1, column 11" in report.problems[0].text


def test_every_field_that_can_not_be_saved_is_named_at_once(editor_page: Client) -> None:
    report = told(editor_page, template="", model="nobody/x", parameters="{", field_schema='{"type": 1}')
    assert sorted(fields(report)) == ["field_schema", "model", "parameters", "template"]
    assert report.summary == "It can't be saved yet."


def test_parameters_that_the_model_lacks_are_told(editor_page: Client) -> None:
    assert fields(told(editor_page, model="simulator/default", parameters='{"temperature": 99}')) == ["parameters"]


@pytest.mark.parametrize(
    "values",
    [
        {"template": ""},
        {"template": "{{"},
        {"template": "x" * 20_001},
        {"model": "nobody/x"},
        {"parameters": '{"temperature": 99}'},
        {"parameters": "[]"},
        {"field_schema": '{"type": "nothing"}'},
        {"manual_note": "x" * 2_001},
        {"manual_note": "\x00"},
        {},
    ],
)
def test_the_check_says_what_saving_says(editor_page: Client, values: dict[str, Any]) -> None:
    refused = editor_page.post(bench(), typed(**values))
    errors = refused.context["form"].errors if refused.status_code == 200 else {}
    problems = told(editor_page, seen="2", **values).problems if not errors else told(editor_page, **values).problems
    assert {problem.field: problem.text for problem in problems} == {name: texts[0] for name, texts in errors.items()}


def test_the_length_counts_characters_and_not_what_browsers_add(editor_page: Client) -> None:
    assert told(editor_page, template="ก\r\n{{input}}").length == "11 of 20,000 characters"


def test_the_model_is_named_also_where_it_is_the_default(editor_page: Client) -> None:
    PromptType.objects.filter(slug="text").update(default_model="simulator/slow")
    assert "simulator/slow" in told(editor_page).model
    assert "by default" in told(editor_page).model
    assert "by default" not in told(editor_page, model="simulator/default").model


def test_a_default_that_is_not_configured_any_more_is_told_and_keeps_nobody_from_saving(editor_page: Client) -> None:
    PromptType.objects.filter(slug="text").update(default_model="nobody/x")
    report = told(editor_page)
    assert "nobody" in report.model
    assert report.summary == "It can be saved."


def test_one_line_says_what_differs_from_the_loaded_version(editor_page: Client) -> None:
    make_version("One\n{{input}}\n")
    same = told(editor_page, version="2", seen="2", template="One\n{{input}}\n")
    changed = told(editor_page, version="2", template="Two\n{{input}}\nThree\n", parameters='{"seed": 1}')
    assert same.changes == "The same as Version 2."
    assert changed.changes == 'Changed since Version 2: Template <bdi dir="ltr">+2 −1</bdi>, Parameters'


@pytest.mark.parametrize("version", ["", "99", "x", "\x00", "9" * 50])
def test_without_a_loaded_version_nothing_is_compared(editor_page: Client, version: str) -> None:
    assert told(editor_page, version=version).changes == ""


def test_a_version_that_was_saved_meanwhile_is_told_while_typing(editor_page: Client) -> None:
    theirs = make_version()
    answer = editor_page.post(bench(part="_check"), typed())
    assert f"<bdi>{theirs.author}</bdi> saved Version 2 after you began." in answer.text
    assert told(editor_page, seen="2").newer is None


def test_what_is_typed_is_shown_as_text(editor_page: Client) -> None:
    text = editor_page.post(bench(part="_check"), typed(template="{{<b>x</b>}}", model="<i>/x")).text
    assert "<b>x" not in text
    assert "<i>" not in text


def test_checking_only_reads(editor_page: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        told(editor_page)
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
