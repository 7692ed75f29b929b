"""Prompt types in the console."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from prompts.exceptions import Conflict, InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services import types
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db

ADD = "/admin/prompts/prompttype/add/"


def address(slug: str, action: str = "change") -> str:
    return reverse(f"admin:prompts_prompttype_{action}", args=[PromptType.objects.get(slug=slug).pk])


def form(**values: Any) -> dict[str, Any]:
    filled_in = {"slug": "letters", "label": "Letters", "is_active": "on", "max_template_length": "500"}
    return filled_in | values


def errors_of(page: Client, **values: Any) -> dict[str, list[str]]:
    """What the form says about `values`, which must not have been saved."""
    response = page.post(ADD, form(**values))
    assert not PromptType.objects.filter(slug="letters").exists()
    errors: dict[str, list[str]] = response.context["adminform"].form.errors
    return errors


def test_a_manager_adds_a_type(manager_page: Client) -> None:
    parameters = '{"temperature": 0.2}'
    manager_page.post(ADD, form(default_model="simulator/default", default_parameters=parameters))
    saved = PromptType.objects.get(slug="letters")
    assert (saved.label, saved.default_model, saved.default_parameters, saved.is_active) == (
        "Letters",
        "simulator/default",
        {"temperature": 0.2},
        True,
    )


@pytest.mark.parametrize("name", ["max_template_length", "keep_texts_days", "keep_facts_days"])
@pytest.mark.parametrize("value", ["-1", "0"])
def test_a_number_that_is_too_small_is_told_the_least(manager_page: Client, name: str, value: str) -> None:
    assert errors_of(manager_page, **{name: value}) == {name: ["Ensure this value is greater than or equal to 1."]}


def test_a_manager_switches_a_type_off(manager_page: Client) -> None:
    values = form(label="Text")
    del values["is_active"]
    manager_page.post(address("text"), values)
    assert PromptType.objects.get(slug="text").is_active is False


def test_the_slug_of_a_type_can_not_be_changed(manager_page: Client) -> None:
    manager_page.post(address("text"), form(slug="other", label="Changed"))
    assert PromptType.objects.get(slug="text").label == "Changed"
    assert not PromptType.objects.filter(slug="other").exists()


@pytest.mark.parametrize("slug", ["Letters", "1st", "two words", "a" * 65, ""])
def test_a_slug_in_another_form_is_refused(manager_page: Client, slug: str) -> None:
    assert "slug" in errors_of(manager_page, slug=slug)


def test_a_slug_that_is_taken_is_refused(manager_page: Client) -> None:
    assert "slug" in errors_of(manager_page, slug="text")


def test_a_model_that_is_not_there_is_refused(manager_page: Client) -> None:
    assert "default_model" in errors_of(manager_page, default_model="nobody/nothing")


@pytest.mark.parametrize(
    "parameters", ['{"temperature": 99}', '{"base_url": "http://x"}', "[1]", '"text"', "{", '{"a":' * 9999]
)
def test_parameters_that_no_request_could_use_are_refused(manager_page: Client, parameters: str) -> None:
    assert "default_parameters" in errors_of(manager_page, default_parameters=parameters)


def test_a_type_that_somebody_else_adds_meanwhile_is_reported(manager_page: Client) -> None:
    clash = InvalidInput.on("slug", "There is already such a type.")
    with patch.object(types, "create_type", side_effect=clash, autospec=True):
        page = manager_page.post(ADD, form(), follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert "There is already such a type." in page.text


def test_a_type_in_use_can_not_be_deleted(manager_page: Client) -> None:
    make_request(prompt_type_id="report")
    assert manager_page.post(address("report", "delete"), {"post": "yes"}).status_code == 403
    assert PromptType.objects.filter(slug="report").exists()


def test_a_type_with_versions_can_not_be_deleted(manager_page: Client) -> None:
    assert manager_page.post(address("report", "delete"), {"post": "yes"}).status_code == 403
    assert PromptType.objects.filter(slug="report").exists()


def test_a_type_that_was_never_used_can_be_deleted(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    manager_page.post(address("letters", "delete"), {"post": "yes"})
    assert not PromptType.objects.filter(slug="letters").exists()


def test_a_type_that_comes_into_use_while_it_is_deleted_stays_and_says_why(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    clash = Conflict("The type “letters” is in use.")
    with patch.object(types, "delete_type", side_effect=clash, autospec=True):
        page = manager_page.post(address("letters", "delete"), {"post": "yes"}, follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert "The type “letters” is in use." in page.text


def test_a_manager_sets_the_rules_for_versions(manager_page: Client) -> None:
    values = form(required_placeholders="{{ocr_text}}, language", max_template_length="4000", requires_review="on")
    manager_page.post(ADD, values)
    saved = PromptType.objects.get(slug="letters")
    assert saved.required_placeholders == ["ocr_text", "language"]
    assert (saved.max_template_length, saved.requires_review) == (4000, True)


@pytest.mark.parametrize("names", ["OCR", "1st", "a b a", "x" * 65, ",".join(f"n{number}" for number in range(21))])
def test_placeholders_that_no_template_could_have_are_refused(manager_page: Client, names: str) -> None:
    assert "required_placeholders" in errors_of(manager_page, required_placeholders=names)


@pytest.mark.parametrize("length", ["0", "100001", "-1", "many", ""])
def test_a_longest_template_that_can_not_be_is_refused(manager_page: Client, length: str) -> None:
    assert "max_template_length" in errors_of(manager_page, max_template_length=length)


def test_the_required_placeholders_are_shown_as_they_are_typed(manager_page: Client) -> None:
    assert 'value="ocr_text"' in manager_page.get(address("ocr_extraction")).text


def test_a_counter_of_versions_is_nothing_to_type(manager_page: Client) -> None:
    manager_page.post(address("text"), form(label="Text", version_counter="99", active_epoch="99"))
    assert PromptType.objects.get(slug="text").version_counter == 1


def test_the_page_of_a_type_leads_to_its_versions(manager_page: Client) -> None:
    active = PromptVersion.objects.get(prompt_type__slug="text")
    text = manager_page.get(address("text")).text
    assert "/admin/prompts/promptversion/?prompt_type__slug__exact=text" in text
    assert f"/admin/prompts/promptversion/{active.pk}/change/" in text
    assert "/admin/prompts/promptversion/add/?prompt_type=text" in text


def test_a_type_without_an_active_version_says_so(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    assert "No version of this type is active" in manager_page.get(address("letters")).text


def test_who_may_look_at_types_alone_is_not_led_to_versions() -> None:
    text = signed_in(make_staff("prompts.view_prompttype")).get(address("text")).text
    assert "promptversion" not in text


def test_the_list_tells_which_version_is_active(manager_page: Client) -> None:
    PromptType.objects.create(slug="letters", label="Letters")
    text = manager_page.get("/admin/prompts/prompttype/").text
    assert text.count("Version 1") == 5
    assert '<td class="field-version_in_use">-</td>' in text


def test_the_list_tells_times_as_every_list_does(manager_page: Client) -> None:
    kind = PromptType.objects.get(slug="text")
    assert f'<time datetime="{kind.updated_at.isoformat()}">' in manager_page.get("/admin/prompts/prompttype/").text


def test_staff_who_may_only_look_can_not_change_a_type() -> None:
    page = signed_in(make_staff("prompts.view_prompttype"))
    assert page.get(address("text")).status_code == 200
    assert page.post(address("text"), form(label="Changed")).status_code == 403
    assert page.get(ADD).status_code == 403
