"""The gate on the page that activates a version."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from documents.tests.gating import active_number, demand, details
from documents.tests.measuring import make_set, measured
from prompts.models import PromptType, PromptVersion
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.versions import address, entries
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db
FIGURES = (
    "got 3 of 4 values in 4 documents of receipts r1 right: 75 % (95 % interval: 30.06 to 95.44 %); 90 % is required."
)


@pytest.fixture
def worse() -> PromptVersion:
    labelled_set = make_set(4)
    demand(labelled_set, "0.9")
    return measured(labelled_set, 3).version


def test_the_page_says_what_the_gate_has_against_a_version_before_anybody_decides(
    manager_page: Client, worse: PromptVersion
) -> None:
    text = manager_page.get(address(worse, "activate")).text
    assert "This version has not passed the test that its type demands." in text
    assert FIGURES in text
    assert "Reason for activating it all the same" in text
    assert "You wrote this version" not in text


@pytest.mark.parametrize("reason", ["", "  ", "..."])
def test_without_a_reason_it_is_refused_with_the_figures(
    manager_page: Client, worse: PromptVersion, reason: str
) -> None:
    page = manager_page.post(address(worse, "activate"), {"replaced": "1", "bypass_reason": reason})
    assert page.text.count(FIGURES) == 1
    assert list(page.context["form"].errors) == ["bypass_reason"]
    assert "Reason for activating it all the same" in page.text
    assert (active_number(), "prompt_version.gate_bypassed" in entries(worse)) == (1, False)


def test_a_reason_opens_it_and_is_recorded(manager_page: Client, worse: PromptVersion) -> None:
    manager_page.post(address(worse, "activate"), {"replaced": "1", "bypass_reason": "It must be."})
    assert (active_number(), entries(worse)[-1]) == (worse.version_number, "prompt_version.gate_bypassed")
    assert details("prompt_version.gate_bypassed")["reason"] == "It must be."


def test_a_gate_that_closes_after_the_page_was_shown_still_refuses(manager_page: Client) -> None:
    version = make_version("Read {{input}}")
    assert "bypass_reason" not in manager_page.get(address(version, "activate")).text
    demand(make_set(1))
    page = manager_page.post(address(version, "activate"), {"replaced": "1"})
    assert "was not measured on receipts r1" in page.text
    assert ("bypass_reason" in page.text, active_number()) == (True, 1)


def test_a_version_that_reached_the_gate_is_not_asked_for_a_reason(manager_page: Client) -> None:
    labelled_set = make_set(2)
    demand(labelled_set)
    better = measured(labelled_set, 2).version
    assert "bypass_reason" not in manager_page.get(address(better, "activate")).text
    manager_page.post(address(better, "activate"), {"replaced": "1"})
    assert entries(better)[-1] == "prompt_version.activated"


def test_an_author_before_a_closed_gate_is_told_of_both(manager: Any) -> None:
    PromptType.objects.filter(slug="text").update(requires_review=True)
    demand(make_set(1))
    version = make_version("Read {{input}}", author=manager)
    text = signed_in(manager).get(address(version, "activate")).text
    assert "You wrote this version" in text
    assert "was not measured" in text
