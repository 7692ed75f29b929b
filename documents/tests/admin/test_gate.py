"""The gate on the page of a prompt type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from documents.models import AccuracyGate
from documents.services import gate
from documents.tests.admin.pages import levels, make_set
from prompts.models import PromptType
from prompts.tests.admin.conftest import make_staff, signed_in

pytestmark = pytest.mark.django_db


def address(page: str = "gate") -> str:
    return reverse(f"admin:prompts_prompttype_{page}", args=[PromptType.objects.get(slug="text").pk])


def test_a_gate_is_set_and_shown(manager_page: Client) -> None:
    labelled_set = make_set()
    page = manager_page.post(address(), {"labelled_set": labelled_set.pk, "threshold": "92.5"}, follow=True)
    made = AccuracyGate.objects.get()
    assert (made.prompt_type_id, made.labelled_set, made.threshold) == ("text", labelled_set, Decimal("0.925"))
    assert levels(page) == ["success"]
    assert "at least 92.5 % of the values right" in page.text
    assert "was not measured on receipts r1" in page.text


def test_the_form_begins_with_what_is_demanded_now(manager: Any, manager_page: Client) -> None:
    labelled_set = make_set()
    gate.set_gate("text", labelled_set=labelled_set, threshold=Decimal("0.9"), actor=manager)
    form = manager_page.get(address()).context["form"]
    assert (form["labelled_set"].value(), form["threshold"].value()) == (labelled_set.pk, Decimal("90.0"))


@pytest.mark.parametrize("threshold", ["101", "-1", "90.55", "x", "", "NaN"])
def test_a_threshold_that_is_none_is_told_at_its_field(threshold: str, manager_page: Client) -> None:
    page = manager_page.post(address(), {"labelled_set": make_set().pk, "threshold": threshold})
    assert list(page.context["form"].errors) == ["threshold"]
    assert not AccuracyGate.objects.exists()


def test_a_gate_is_taken_away_once_that_is_confirmed(manager: Any, manager_page: Client) -> None:
    gate.set_gate("text", labelled_set=make_set(), threshold=Decimal(1), actor=manager)
    manager_page.get(address("gate_clear"))
    assert AccuracyGate.objects.exists()
    assert levels(manager_page.post(address("gate_clear"), follow=True)) == ["success"]
    assert not AccuracyGate.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="gate.").order_by("at").values_list("action", flat=True)
    assert list(actions) == ["gate.set", "gate.cleared"]


def test_a_gate_that_is_gone_already_is_told_so(manager_page: Client) -> None:
    assert levels(manager_page.post(address("gate_clear"), follow=True)) == ["error"]


def test_who_may_only_change_types_does_not_touch_their_gates() -> None:
    page = signed_in(make_staff("prompts.view_prompttype", "prompts.change_prompttype", "prompts.view_promptversion"))
    assert page.get(address("change")).status_code == 200
    assert page.get(address()).status_code == 403
    assert page.post(address(), {"labelled_set": make_set().pk, "threshold": "1"}).status_code == 403
    assert page.post(address("gate_clear")).status_code == 403


def test_the_page_to_add_a_type_knows_of_no_gate(manager_page: Client) -> None:
    assert manager_page.get("/admin/prompts/prompttype/add/").status_code == 200
