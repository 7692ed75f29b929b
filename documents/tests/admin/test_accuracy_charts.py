"""Accuracy over versions, drawn where somebody decides about them; and the documents of a set, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.models import LabelledSet
from documents.tests.admin.pages import address
from documents.tests.gating import demand
from documents.tests.measuring import make_set, measured
from prompts.models import PromptType
from prompts.tests.admin.conftest import make_staff, signed_in

pytestmark = pytest.mark.django_db


def type_page(slug: str = "text") -> str:
    return reverse("admin:prompts_prompttype_change", args=[PromptType.objects.get(slug=slug).pk])


def document_page(labelled_set: LabelledSet, position: int = 1) -> str:
    return address(labelled_set, "document", position)


def queries_of(page: Client, path: str) -> int:
    page.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert page.get(path).status_code == 200
    return len(queries)


# --- Charts -----------------------------------------------------------------------------------------


def test_the_page_of_a_set_draws_each_share_with_its_interval_and_the_gate(manager_page: Client) -> None:
    labelled_set = make_set(4)
    run = measured(labelled_set, 3)
    demand(labelled_set, "0.905")
    text = manager_page.get(address(labelled_set)).text
    assert "Accuracy of text" in text
    assert "75.0 % (30.0 % – 95.4 %)" in text
    assert "Gate: 90.5 %" in text
    assert address(run.batch, "accuracy") in text


def test_the_page_of_a_type_draws_its_versions_on_the_set_of_its_gate(manager_page: Client) -> None:
    labelled_set, other = make_set(4), make_set(2, "other")
    measured(labelled_set, 3)
    measured(other, 1)
    demand(labelled_set)
    text = manager_page.get(type_page()).text
    assert f"Accuracy on {labelled_set}" in text
    assert f"Accuracy on {other}" not in text


def test_without_a_gate_the_set_that_was_measured_last_is_drawn(manager_page: Client) -> None:
    measured(make_set(2), 1)
    other = make_set(2, "other")
    measured(other, 1)
    assert f"Accuracy on {other}" in manager_page.get(type_page()).text


def test_a_type_that_was_never_measured_has_no_chart(manager_page: Client) -> None:
    assert 'class="chart"' not in manager_page.get(type_page()).text


def test_the_gate_of_another_set_is_no_line_in_the_chart(manager_page: Client) -> None:
    labelled_set = make_set(2)
    measured(labelled_set, 1)
    demand(make_set(1, "other"))
    assert "Gate: " not in manager_page.get(address(labelled_set)).text


def test_more_runs_and_documents_take_no_more_queries(manager_page: Client) -> None:
    few, many = make_set(2, "few"), make_set(30, "many")
    measured(few, 1)
    for right in (1, 2, 3):
        measured(many, right)
    assert queries_of(manager_page, address(few)) == queries_of(manager_page, address(many))


def test_what_is_compared_with_a_threshold_is_shown_as_exactly(manager_page: Client) -> None:
    # 11 of 36 is 30.55 %, just under what is demanded.
    labelled_set = make_set(36)
    measured(labelled_set, 11)
    assert "30.55 %" in manager_page.get(address(labelled_set)).text


# --- One document of a set --------------------------------------------------------------------------


def test_a_labelled_document_stands_beside_what_is_expected_of_it(manager_page: Client) -> None:
    labelled_set = make_set([{"total": "9.00", "date": "14/05/2019"}])
    label = labelled_set.documents.get()
    text = manager_page.get(document_page(labelled_set)).text
    assert all(piece in text for piece in ("total", "9.00", "14/05/2019", "Text 1"))
    assert address(label.document, "image", 1) in text


def test_the_page_of_a_set_leads_to_its_documents_and_each_to_its_neighbours(manager_page: Client) -> None:
    labelled_set = make_set(3)
    pages = [document_page(labelled_set, position) for position in (1, 2, 3)]
    assert all(page in manager_page.get(address(labelled_set)).text for page in pages)
    first, second, third = (manager_page.get(page).text for page in pages)
    assert [pages[0] in second, pages[2] in second] == [True, True]
    assert ['rel="prev"' in first, 'rel="next"' in third] == [False, False]


@pytest.mark.parametrize("position", [0, 2, 10**30])
def test_a_document_that_the_set_has_not_is_not_found(position: int, manager_page: Client) -> None:
    assert manager_page.get(document_page(make_set(1), position)).status_code == 404


def test_a_long_set_is_turned_page_by_page(manager_page: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("documents.admin.labelled_set.MOST_DOCUMENTS", 2)
    labelled_set = make_set(3)
    first = manager_page.get(address(labelled_set)).text
    assert [document_page(labelled_set, n) in first for n in (1, 2, 3)] == [True, True, False]
    assert "?after=2#" in first
    second = manager_page.get(address(labelled_set), {"after": "2"}).text
    assert [document_page(labelled_set, n) in second for n in (1, 2, 3)] == [False, False, True]


class TestWhoSeesALabelledDocument:
    def test_nobody_who_is_not_signed_in(self, client: Client) -> None:
        assert client.get(document_page(make_set(1))).status_code == 302

    def test_no_staff_without_a_permission(self) -> None:
        assert signed_in(make_staff()).get(document_page(make_set(1))).status_code == 403

    def test_a_viewer_of_sets_without_what_belongs_to_somebody_else(self) -> None:
        labelled_set = make_set(1)
        text = signed_in(make_staff("documents.view_labelledset")).get(document_page(labelled_set)).text
        assert "The document belongs to somebody else." in text
        assert "Text 1" not in text
        assert "<img" not in text
