"""The sandbox of the workbench: what is sent, and who may."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from prompts.models import PromptRequest, PromptVersion
from prompts.services import drafting, submission
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.sandboxes import HTMX, editor, editor_page, workbench
from prompts.tests.admin.versions import deleted
from prompts.tests.factories import make_user, make_version

__all__ = ["editor", "editor_page"]
pytestmark = pytest.mark.django_db

TEMPLATE = "Say {{input}}."


def draft(template: str = TEMPLATE, **fields: Any) -> dict[str, Any]:
    """What the editor holds."""
    empty = {"version": "", "model": "simulator/default", "parameters": "", "field_schema": ""}
    return empty | {"template": template} | fields


def run(page: Client, left: str = "draft", right: str = "", **fields: Any) -> Any:
    """Send what is entered, as the script of the page does."""
    given = draft() | {"left": left, "right": right, "value-input": "hello"} | fields
    return page.post(f"{workbench()}run/", given, headers=HTMX)


def inputs(page: Any) -> list[str]:
    return re.findall(r'<textarea name="value-(\w+)"', page.text)


def test_the_draft_in_the_editor_is_sent_as_a_test_of_no_version(editor: Any, editor_page: Client) -> None:
    run(editor_page, template="Shout {{input}}!", parameters='{"temperature": 0.5}')
    sent = PromptRequest.objects.get()
    assert (sent.user, sent.is_sandbox, sent.version) == (editor, True, None)
    assert (sent.prompt_text, sent.parameters) == ("Shout hello!", {"temperature": 0.5})


def test_a_draft_that_is_still_the_version_it_began_with_is_a_test_of_that(editor_page: Client) -> None:
    version = make_version(TEMPLATE, model="simulator/default")
    number = str(version.version_number)
    run(editor_page, version=number)
    run(editor_page, version=number, template="Say {{input}} loudly.")
    assert list(PromptRequest.objects.order_by("id").values_list("version", flat=True)) == [version.pk, None]


def test_two_versions_are_sent_at_once_each_with_what_it_has_placeholders_for(editor_page: Client) -> None:
    one = make_version("{{input}}", model="simulator/default")
    two = make_version("{{input}} in {{language}}", model="simulator/default")
    page = run(editor_page, str(one.version_number), str(two.version_number), **{"value-language": "Thai"})
    sent = list(PromptRequest.objects.order_by("id"))
    assert [(row.version, row.prompt_text) for row in sent] == [(one, "hello"), (two, "hello in Thai")]
    asked = parse_qs(urlsplit(page.headers["HX-Replace-Url"]).query)
    assert asked == {"left": [str(sent[0].pk)], "right": [str(sent[1].pk)]}
    assert page.text.count("every 700ms") == 2


def test_where_one_of_two_is_refused_neither_is_sent(editor_page: Client) -> None:
    page = run(editor_page, str(make_version(TEMPLATE).version_number), "draft", template="{{input}} {{7*7}}")
    assert not PromptRequest.objects.exists()
    assert "Template: Line 1, column 11" in page.text
    assert page.headers["HX-Retarget"] == "#sandbox-errors"


def test_answers_are_there_again_when_the_page_is_loaded_again(editor_page: Client) -> None:
    address = run(editor_page).headers["HX-Replace-Url"]
    assert f"answer/{PromptRequest.objects.get().pk}/" in editor_page.get(address).text


def test_without_scripts_the_page_itself_shows_them(editor_page: Client) -> None:
    number = str(make_version(TEMPLATE, model="simulator/default").version_number)
    page = editor_page.post(f"{workbench()}run/", {"left": number, "value-input": "x"}, follow=True)
    assert "answer-left" in page.text
    assert PromptRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value-input": ""}, "{{input}}: This field is required."),
        ({"template": ""}, "Template: This field is required."),
        ({"parameters": "{"}, "Parameters: Line 1, column"),
        ({"field_schema": '{"type": 5}'}, "Field schema: This is no JSON Schema"),
        ({"model": "nobody/x"}, "Model: Unknown model nobody/x"),
        ({"left": "999"}, "This version is not there any more."),
        ({"left": "<script>"}, "This version is not there any more."),
    ],
)
def test_what_can_not_be_tried_is_told(fields: dict[str, str], told: str, editor_page: Client) -> None:
    page = run(editor_page, **fields)
    assert told in page.text
    assert not PromptRequest.objects.exists()


def test_a_deleted_version_can_not_be_tried(editor_page: Client) -> None:
    number = str(deleted(TEMPLATE).version_number)
    assert "not there any more" in run(editor_page, left=number).text
    assert f'<option value="{number}"' not in editor_page.get(workbench()).text


def test_every_version_and_the_draft_can_be_chosen(editor_page: Client) -> None:
    version = make_version(TEMPLATE)
    page = editor_page.get(workbench()).text
    left = page[page.index('id="sandbox-left"') : page.index('id="sandbox-right"')]
    active = PromptVersion.objects.get(prompt_type__slug="text", is_active=True).version_number
    assert re.findall(r'value="(\w+)"', left) == ["draft", str(version.version_number), str(active)]
    assert f"Version {active} (active)" in left


def test_the_inputs_follow_the_template_as_it_is_typed(editor_page: Client) -> None:
    values = f"{workbench()}values/"
    number = str(make_version("{{input}} in {{language}}").version_number)
    typed = {"template": "{{text}} as {{input}}", "left": "draft", "right": number}
    page = editor_page.post(values, typed, headers=HTMX)
    assert inputs(page) == ["text", "input", "language"]
    assert page.text.count('hx-preserve="true"') == 6
    assert editor_page.post(values, typed | {"template": "{{text"}, headers=HTMX).status_code == 204
    assert "no placeholders" in editor_page.post(values, {"template": "Hi", "left": "draft"}, headers=HTMX).text


def test_a_placeholder_may_have_the_name_of_anything_else(editor_page: Client) -> None:
    names = ["inputs", "fields", "template", "left", "version", "csrfmiddlewaretoken", "errors"]
    typed = " ".join(f"{{{{{name}}}}}" for name in names)
    page = editor_page.post(f"{workbench()}values/", {"template": typed, "left": "draft"}, headers=HTMX)
    assert inputs(page) == names
    run(editor_page, template=typed, **{f"value-{name}": name.upper() for name in names})
    assert PromptRequest.objects.get().prompt_text == " ".join(names).upper()


def test_what_was_tried_last_can_be_filled_in(editor: Any, editor_page: Client) -> None:
    drafting.try_draft(
        user=editor, prompt_type="text", template=TEMPLATE, variables={"input": "<ทดสอบ>"}, model="simulator/default"
    )
    page = editor_page.post(f"{workbench()}values/", {"template": TEMPLATE, "left": "draft", "last": "1"}, headers=HTMX)
    assert "&lt;ทดสอบ&gt;</textarea>" in page.text
    assert 'name="value-input" cols' in page.text
    assert re.search(r"<textarea[^>]*hx-preserve", page.text) is None


def test_the_document_that_a_text_comes_from_is_noted(editor_page: Client) -> None:
    identifier = "019a0000-0000-7000-8000-000000000001"
    run(editor_page, **{"document-input": identifier})
    run(editor_page, **{"document-input": "<no id>"})
    noted = [row.metadata.get("document_id") for row in PromptRequest.objects.order_by("id")]
    assert noted == [identifier, None]


def test_what_was_typed_is_there_again_where_a_draft_is_not_saved(editor_page: Client) -> None:
    page = editor_page.post(workbench(), draft("{{7*7}}") | {"value-input": "typed"})
    assert page.status_code == 200
    assert "{{7*7}}" in page.text


def test_too_many_unfinished_requests_are_told(editor_page: Client, settings: Any) -> None:
    settings.MAX_UNFINISHED_PER_USER = 1
    page = run(editor_page, "draft", "draft")
    assert "too many unfinished requests" in page.text
    assert not PromptRequest.objects.exists()


@pytest.mark.parametrize("route", ["run/", "values/"])
def test_only_who_writes_versions_tries_them(route: str, client: Client) -> None:
    address = f"{workbench()}{route}"
    assert client.post(address).status_code == 302
    for permissions in [(), ("prompts.view_promptversion",), ("prompts.view_promptrequest",)]:
        assert signed_in(make_staff(*permissions)).post(address, draft()).status_code == 403
    assert signed_in(make_user()).post(address).status_code == 302
    assert signed_in(make_staff("system.manage_all")).get(address).status_code == 405
    assert not PromptRequest.objects.exists()


def test_who_only_reads_versions_sees_nothing_to_run() -> None:
    page = signed_in(make_staff("prompts.view_promptversion")).get(workbench())
    assert (page.status_code, "sandbox-form" in page.text) == (200, False)


def test_a_type_that_is_not_there_has_no_sandbox(editor_page: Client) -> None:
    assert editor_page.post("/admin/prompts/prompttype/999999/workbench/run/", draft()).status_code == 404


def test_an_error_of_our_own_is_not_swallowed(editor: Any) -> None:
    with (
        patch.object(submission, "store", autospec=True, side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        run(signed_in(editor), left=str(make_version(TEMPLATE, model="simulator/default").version_number))
