"""Labelled sets in the console: importing, running versions over them, and how accurate they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from documents.models import Batch, Document, LabelledSet
from documents.services import labelling
from documents.tests.admin.pages import SETS, address, file, make_set, run, told
from documents.tests.batching import answers, with_fields
from prompts.tests.admin.conftest import make_staff, signed_in

pytestmark = pytest.mark.django_db
ADD = f"{SETS}add/"
LABELS = "file,total,date\na.txt,9.00,2019-05-14\nb.txt,8.00,\n"


def measured(*expected: dict[str, Any], user: Any, **fields: Any) -> Batch:
    """A finished run over a set of these documents, to all of which the answer is `fields`."""
    labelled_set = make_set("receipts", *expected, user=user)
    number = with_fields("total", "date")
    return run(
        labelling.run_set(labelled_set, actor=user, prompt_type="text", version_number=number), answers(**fields)
    )


def test_a_set_is_imported_from_labels_and_files(manager: Any, manager_page: Client) -> None:
    files = [file("One", "b.txt"), file("Two", "a.txt")]
    page = manager_page.post(
        ADD, {"name": "receipts", "labels": file(LABELS, "labels.csv"), "uploads": files}, follow=True
    )
    made = LabelledSet.objects.get()
    assert (str(made), made.created_by) == ("receipts r1", manager)
    expected = {label.document.name: label.expected for label in made.documents.select_related("document")}
    assert expected == {"a.txt": {"total": "9.00", "date": "2019-05-14"}, "b.txt": {"total": "8.00"}}
    assert "2019-05-14" in page.text


def test_the_same_contents_make_no_second_revision(manager_page: Client) -> None:
    for _number in range(2):
        labels = file(json.dumps([{"file": "a.txt", "fields": {"total": 9}}]), "labels.json")
        manager_page.post(ADD, {"name": "receipts", "labels": labels, "uploads": [file("One", "a.txt")]})
    assert LabelledSet.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "No spaces"}, "name"),
        ({"labels": lambda: file("total\n9.00\n", "labels.csv")}, "labels"),
        ({"labels": lambda: file(LABELS.replace("b.txt", "c.txt"), "labels.csv")}, "labels"),
        ({"labels": lambda: file(b"\xff\xfe\x00", "labels.csv")}, "labels"),
    ],
)
def test_what_can_not_be_imported_is_told_at_its_field(given: Any, field: str, manager_page: Client) -> None:
    made = {"name": "receipts", "labels": lambda: file(LABELS, "labels.csv")} | given
    files = [file("One", "a.txt"), file("Two", "b.txt")]
    page = manager_page.post(ADD, {"name": made["name"], "labels": made["labels"](), "uploads": files})
    assert list(page.context["form"].errors) == [field]
    assert not LabelledSet.objects.exists()


def test_two_files_of_the_same_content_are_told_to_whoever_imports(manager_page: Client) -> None:
    files = [file("Same", "a.txt"), file("Same", "b.txt")]
    page = manager_page.post(ADD, {"name": "receipts", "labels": file(LABELS, "labels.csv"), "uploads": files})
    assert "These are the same file" in page.text


def test_labels_that_can_not_be_used_keep_no_document(manager_page: Client) -> None:
    manager_page.post(ADD, {"name": "x", "labels": file("", "labels.csv"), "uploads": [file()]})
    assert not Document.objects.exists()


def test_a_version_is_run_over_a_set(manager: Any, manager_page: Client) -> None:
    labelled_set = make_set()
    page: Any = manager_page.post(address(labelled_set, "run"), {"prompt_type": "text"}, follow=True)
    batch = Batch.objects.get()
    assert (batch.labelled_set, batch.user, batch.version.version_number) == (labelled_set, manager, 1)
    assert page.redirect_chain == [(address(batch), 302)]


def test_the_accuracy_is_shown_with_number_and_interval(manager: Any, manager_page: Client) -> None:
    batch = measured(
        {"total": "9.00", "date": "14/05/2019"}, {"total": "8.00"}, user=manager, total="9.0", date="2019-05-14"
    )
    labelled_set = LabelledSet.objects.get()
    for page in (address(batch), address(batch, "accuracy"), address(labelled_set)):
        text = manager_page.get(page).text
        # Two of three: the interval is Wilson's.
        for piece in ("66.66 %", "2 of 3", "20.7 % to 93.8 %"):
            assert piece in text, (page, piece)


def test_the_accuracy_is_shown_field_by_field_and_the_worst_documents_first(manager: Any, manager_page: Client) -> None:
    expected = [{"total": "9.00", "date": "x"}, {"total": "8.00", "date": "y"}]
    batch = measured(*expected, user=manager, total="9.00")
    context = manager_page.get(address(batch, "accuracy")).context
    assert {field["name"]: field["right"]["number"] for field in context["fields"]} == {
        "total": "1 of 2",
        "date": "0 of 2",
    }
    assert [document["wrong"] for document in context["worst"]] == [2, 1]
    assert context["worst"][0]["address"] == address(batch, "document", 2)
    wrong = {field["name"]: (field["expected"], field["given"]) for field in context["worst"][0]["fields"]}
    assert wrong == {"total": ("8.00", "9.00"), "date": ("y", "")}


def test_a_document_of_a_run_shows_what_was_expected(manager: Any, manager_page: Client) -> None:
    batch = measured({"total": "9.00", "date": "14/05/2019"}, user=manager, total="1.00", date="2019-05-14")
    fields = {field.name: field for field in manager_page.get(address(batch, "document", 1)).context["fields"]}
    assert (fields["total"].expected, fields["total"].is_right) == ("9.00", False)
    assert (fields["date"].expected, fields["date"].is_right) == ("14/05/2019", True)


def test_without_a_measured_run_there_is_no_accuracy(manager: Any, manager_page: Client) -> None:
    batch = labelling.run_set(make_set(), actor=manager, prompt_type="text")
    assert manager_page.get(address(batch, "accuracy")).status_code == 404


def test_who_may_only_look_imports_and_runs_nothing() -> None:
    labelled_set = make_set()
    page = signed_in(make_staff("documents.view_labelledset"))
    assert page.get(address(labelled_set)).status_code == 200
    assert page.get(ADD).status_code == 403
    assert page.get(address(labelled_set, "run")).status_code == 403
    assert page.post(address(labelled_set, "run"), {"prompt_type": "text"}).status_code == 403
    assert not Batch.objects.exists()


def test_a_refused_file_is_told_beside_what_is_then_missing(manager_page: Client) -> None:
    files = [file("One", "a.txt"), file("", "b.txt")]
    page = manager_page.post(ADD, {"name": "receipts", "labels": file(LABELS, "labels.csv"), "uploads": files})
    assert "\u2068b.txt\u2069: The file is empty." in told(page)
    assert "There is no file “b.txt”." in page.text
