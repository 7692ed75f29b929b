"""Writing a new version in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db

ADD = "/admin/prompts/promptversion/add/"


def filled_in(**values: Any) -> dict[str, Any]:
    return {"prompt_type": "text", "template": "Say {{input}}."} | values


def added() -> PromptVersion:
    """The one version that was not there from the beginning."""
    return PromptVersion.objects.get(version_number=2)


def errors_of(page: Client, **values: Any) -> dict[str, list[str]]:
    """What the form says about `values`, which must not have been saved."""
    response = page.post(ADD, filled_in(**values))
    assert not PromptVersion.objects.filter(version_number=2).exists()
    errors: dict[str, list[str]] = response.context["form"].errors
    return errors


def test_a_new_version_is_kept_with_all_that_was_entered(manager: Any, manager_page: Client) -> None:
    values = filled_in(
        model="simulator/default",
        parameters='{"temperature": 0.5}',
        field_schema='{"type": "object"}',
        manual_note="ทดลอง",
    )
    manager_page.post(ADD, values)
    version = added()
    assert (version.template, version.model, version.manual_note) == ("Say {{input}}.", "simulator/default", "ทดลอง")
    assert (version.parameters, version.field_schema) == ({"temperature": 0.5}, {"type": "object"})
    assert (version.author, version.is_active) == (manager.username, False)


def test_after_saving_its_page_says_that_it_is_not_active_and_offers_to_activate_it(manager_page: Client) -> None:
    page = manager_page.post(ADD, filled_in(), follow=True)
    address = f"/admin/prompts/promptversion/{added().pk}"
    assert page.redirect_chain == [(f"{address}/change/", 302)]
    assert "Version 2 was saved. It is not active yet" in page.text
    assert f"{address}/activate/" in page.text


def test_what_may_stay_empty_stays_empty(manager_page: Client) -> None:
    manager_page.post(ADD, filled_in(model="", parameters="", field_schema="", manual_note=""))
    version = added()
    assert (version.model, version.parameters, version.field_schema, version.manual_note) == ("", {}, None, None)


def test_line_ends_are_kept_as_they_were_typed_and_not_as_browsers_send_them(manager_page: Client) -> None:
    manager_page.post(ADD, filled_in(template="  Say\r\n\r\n{{input}}  \r\n", manual_note="a\r\nb"))
    assert (added().template, added().manual_note) == ("  Say\n\n{{input}}  \n", "a\nb")


def test_a_draft_of_a_version_makes_the_same_text_again(manager_page: Client) -> None:
    source = make_version(
        "\n  <b>Say</b> {{input}}\n\n", parameters={"temperature": 0.5}, field_schema={"type": "object"}
    )
    form = manager_page.get(f"{ADD}?from={source.pk}").context["form"]
    entered = {field.name: field.value() for field in form if field.value() is not None}
    manager_page.post(ADD, entered)
    copy = PromptVersion.objects.get(version_number=3)
    for column in ("template", "template_sha256", "parameters", "field_schema", "model"):
        assert getattr(copy, column) == getattr(source, column)


def test_a_deleted_version_can_be_the_beginning_of_a_draft(manager_page: Client) -> None:
    source = make_version("Say {{input}} again.")
    lifecycle.delete_version("text", source.version_number, actor=make_user())
    assert "Say {{input}} again.</textarea>" in manager_page.get(f"{ADD}?from={source.pk}").text


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999", ""])
def test_there_is_no_draft_of_a_version_that_does_not_exist(manager_page: Client, key: str) -> None:
    assert manager_page.get(f"{ADD}?from={key}").status_code == 404


def test_the_type_is_chosen_for_who_comes_from_its_page_and_its_rules_are_told(manager_page: Client) -> None:
    text = manager_page.get(f"{ADD}?prompt_type=ocr_extraction").text
    assert '<option value="ocr_extraction" selected>' in text
    assert "At most 4,000 characters." in text or "At most 4000 characters." in text
    assert "It must have {{ocr_text}}." in text


@pytest.mark.parametrize("slug", ["", "nothing", "<b>", "%00"])
def test_a_type_that_does_not_exist_is_simply_not_chosen(manager_page: Client, slug: str) -> None:
    assert manager_page.get(f"{ADD}?prompt_type={slug}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("template", ""),
        ("template", " \n "),
        ("template", "Say {{7*7}}."),
        ("template", "Say {{Input}}."),
        ("template", "Say {{input"),
        ("template", "x" * 20_001),
        ("template", "a\x00b"),
        ("model", "nobody/nothing"),
        ("model", "x" * 201),
        ("parameters", '{"temperature": 99}'),
        ("parameters", '{"base_url": "http://x"}'),
        ("parameters", "[1]"),
        ("parameters", "{"),
        ("parameters", '{"seed": NaN}'),
        ("parameters", '{"stop": "\\u0000"}'),
        ("parameters", '{"stop": "\\ud800"}'),
        ("field_schema", '{"type": "nothing"}'),
        ("field_schema", '"text"'),
        ("field_schema", '{"const": 1e999}'),
        ("field_schema", '{"not":' * 65 + "{}" + "}" * 65),
        ("field_schema", '{"not":' * 100_000),
        ("field_schema", '{"title": "' + "x" * 70_000 + '"}'),
        ("manual_note", "x" * 2_001),
        ("prompt_type", "nothing"),
        ("prompt_type", "\x00"),
        ("prompt_type", ""),
    ],
)
def test_what_can_not_be_used_is_told_at_its_field(manager_page: Client, field: str, value: str) -> None:
    assert list(errors_of(manager_page, **{field: value})) == [field]


def test_the_error_in_a_template_says_where_it_is(manager_page: Client) -> None:
    (error,) = errors_of(manager_page, template="Say\r\n  {{the input}}.")["template"]
    assert "Line 2, column 3" in error


def test_the_error_in_json_says_where_it_is(manager_page: Client) -> None:
    (error,) = errors_of(manager_page, field_schema='{"type": "object",\r\n  "title" 1}')["field_schema"]
    assert "Line 2" in error


def test_a_missing_placeholder_is_named(manager_page: Client) -> None:
    (error,) = errors_of(manager_page, prompt_type="ocr_extraction", template="Read this.")["template"]
    assert "{{ocr_text}}" in error


def test_what_was_entered_is_still_there_when_it_can_not_be_used(manager_page: Client) -> None:
    text = manager_page.post(ADD, filled_in(template="Say {{ it }} <b>", parameters="{oops")).text
    assert "Say {{ it }} &lt;b&gt;</textarea>" in text
    assert "{oops</textarea>" in text
    assert "Please correct the error below." in text


def test_a_type_that_is_tightened_meanwhile_is_reported_without_losing_the_text(manager_page: Client) -> None:
    manager_page.get(f"{ADD}?prompt_type=text")
    PromptType.objects.filter(slug="text").update(required_placeholders=["question"])
    response = manager_page.post(ADD, filled_in())
    assert "{{question}}" in response.context["form"].errors["template"][0]
    assert "Say {{input}}.</textarea>" in response.text


def test_one_saved_version_is_one_entry_in_the_log(manager: Any, manager_page: Client) -> None:
    manager_page.post(ADD, filled_in())
    entry = AuditEntry.objects.get(target_type="prompts.promptversion")
    assert (entry.action, entry.actor_id, entry.channel) == ("prompt_version.created", manager.pk, "admin")
