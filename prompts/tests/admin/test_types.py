"""Prompt types in the console."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from prompts.exceptions import InvalidInput
from prompts.models import PromptType
from prompts.services import types
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db

ADD = "/admin/prompts/prompttype/add/"


def address(slug: str, action: str = "change") -> str:
    return reverse(f"admin:prompts_prompttype_{action}", args=[PromptType.objects.get(slug=slug).pk])


def form(**values: Any) -> dict[str, Any]:
    return {"slug": "letters", "label": "Letters", "default_parameters": "{}", "is_active": "on"} | values


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


@pytest.mark.parametrize("parameters", ['{"temperature": 99}', '{"base_url": "http://x"}', "[1]", '"text"', "{"])
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


def test_a_type_that_was_never_used_can_be_deleted(manager_page: Client) -> None:
    manager_page.post(address("report", "delete"), {"post": "yes"})
    assert not PromptType.objects.filter(slug="report").exists()


def test_staff_who_may_only_look_can_not_change_a_type() -> None:
    page = signed_in(make_staff("prompts.view_prompttype"))
    assert page.get(address("text")).status_code == 200
    assert page.post(address("text"), form(label="Changed")).status_code == 403
    assert page.get(ADD).status_code == 403
