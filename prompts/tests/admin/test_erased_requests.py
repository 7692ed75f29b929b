"""Pages say that a text was erased where it would stand, and offer nothing that needs it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import PromptRequest, PromptType
from prompts.tests.admin.stories import answered
from prompts.tests.erased import erase

pytestmark = pytest.mark.django_db
SAID = "The text was erased:"


def address(action: str, *arguments: object) -> str:
    return reverse(f"admin:prompts_promptrequest_{action}", args=arguments)


@pytest.fixture
def erased() -> PromptRequest:
    request = answered("A secret answer.", prompt_text="A secret question.", metadata={"of": "Ann"})
    erase(request)
    return request


def test_the_page_says_so_for_prompt_and_answer(superuser_page: Client, erased: PromptRequest) -> None:
    text = superuser_page.get(address("change", erased.pk)).text
    assert text.count(SAID) == 2
    assert "secret" not in text


def test_an_erased_request_can_not_be_replayed(superuser_page: Client, erased: PromptRequest) -> None:
    assert address("replay", erased.pk) not in superuser_page.get(address("change", erased.pk)).text
    text = superuser_page.post(address("replay", erased.pk), {"model": ""}, follow=True).text
    assert "The text of this request was erased" in text
    assert PromptRequest.objects.count() == 1


def test_the_list_and_the_page_of_the_answer_say_so(superuser_page: Client, erased: PromptRequest) -> None:
    assert SAID in superuser_page.get(address("changelist")).text
    page = reverse("admin:prompts_promptresponse_change", args=[erased.response.pk])
    assert SAID in superuser_page.get(page).text


def test_the_proof_of_an_erased_request_can_be_seen(superuser_page: Client, erased: PromptRequest) -> None:
    assert superuser_page.get(address("prove", erased.pk)).status_code == 200
    assert superuser_page.get(address("proof", erased.pk)).json()["salt"] is None


def test_an_erased_request_is_compared_by_its_facts_alone(superuser_page: Client, erased: PromptRequest) -> None:
    other = answered("Another answer.")
    text = superuser_page.get(address("compare"), {"left": str(erased.pk), "right": str(other.pk)}).text
    assert "Comparison of two requests" in text
    assert "Another answer." not in text


def test_an_administrator_sets_how_long_texts_are_kept(superuser_page: Client) -> None:
    kind = PromptType.objects.get(slug="text")
    page = reverse("admin:prompts_prompttype_change", args=[kind.pk])
    values = {"label": kind.label, "max_template_length": 100, "is_active": "on"}
    refused = superuser_page.post(page, values | {"keep_texts_days": 30, "keep_facts_days": 7})
    assert "kept longer than facts" in refused.text
    superuser_page.post(page, values | {"keep_texts_days": 7, "keep_facts_days": ""})
    kind.refresh_from_db()
    assert (kind.keep_texts_days, kind.keep_facts_days) == (7, None)
