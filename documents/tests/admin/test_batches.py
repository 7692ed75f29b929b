"""The page of a batch: how far it is, what came of each document, and files with all of it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains

from documents.models import Batch
from documents.services import batches
from documents.tests.admin.pages import BATCHES, address, run, worked
from documents.tests.batching import answers, drive_all, make_batch, with_fields
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document
from prompts import downloads
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


def asked_for_total_and_date(documents: Any, answer: Any) -> Batch:
    """A finished batch whose version demands two fields."""
    number = with_fields("total", "date")
    return run(make_batch(documents, version_number=number), answer)


def row_of(page: str, name: str) -> str:
    """The row of the table that tells of a document."""
    return page[page.index(f"<bdi>{name}</bdi>") :].partition("</tr>")[0]


def test_the_page_shows_how_many_documents_are_where(manager_page: Client) -> None:
    batch = make_batch([make_document(), make_waiting_document(), make_unreadable_document()])
    drive_all()
    page = manager_page.get(address(batch))
    counted = {line["label"]: line["number"] for line in page.context["outcomes"]}
    assert counted == {"All": 3, "Waits for its text": 1, "Being asked": 1, "Failed": 1}
    assert page.context["done"] == "1 of 3"


def test_a_field_that_did_not_come_is_shown_as_missing_and_what_came_is_kept(manager_page: Client) -> None:
    batch = asked_for_total_and_date([make_document(name="a.pdf")], answers(total="9.00"))
    row = row_of(manager_page.get(address(batch)).text, "a.pdf")
    assert "9.00" in row
    assert row.count('<span class="missing">missing</span>') == 1


def test_what_a_model_answers_stays_text(manager_page: Client) -> None:
    batch = asked_for_total_and_date([make_document(name="a.pdf")], answers(total="<script>x</script>", date="<b>"))
    for page in (address(batch), address(batch, "document", 1)):
        text = manager_page.get(page).text
        assert "&lt;script&gt;x&lt;/script&gt;" in text
        assert "<script>x" not in text


def test_an_answer_without_fields_is_shown_as_it_came(manager_page: Client) -> None:
    batch = asked_for_total_and_date([make_document(name="a.pdf")], answers("I can't read that."))
    for page in (address(batch), address(batch, "document", 1)):
        text = manager_page.get(page).text
        assert "There are no fields in this answer." in text
        assert "I can&#x27;t read that." in text


def test_errors_are_told_in_words(manager_page: Client) -> None:
    batch = run(make_batch([make_unreadable_document(reason="encrypted", name="secret.pdf")]))
    assert "protected by a password" in row_of(manager_page.get(address(batch)).text, "secret.pdf")
    assert "protected by a password" in manager_page.get(address(batch, "document", 1)).text


def test_the_rows_of_one_outcome_are_shown_alone(manager_page: Client) -> None:
    batch = run(make_batch([make_document(name="good.pdf"), make_unreadable_document(name="bad.pdf")]))
    text = manager_page.get(f"{address(batch)}?outcome=failed").text
    assert ("bad.pdf" in text, "good.pdf" in text) == (True, False)


def test_a_long_batch_is_shown_in_parts(manager_page: Client) -> None:
    batch = make_batch(60)
    first = manager_page.get(address(batch))
    assert [row.result.position for row in first.context["table"].rows] == list(range(1, 51))
    second = manager_page.get(first.context["table"].later)
    assert [row.result.position for row in second.context["table"].rows] == list(range(51, 61))
    assert second.context["table"].later is None


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=999999999999", "outcome=nothing", "outcome=%3Cb%3E"])
def test_the_page_survives_whatever_stands_in_its_address(query: str, manager_page: Client) -> None:
    assert manager_page.get(f"{address(make_batch())}?{query}").status_code == 200


def test_the_page_needs_as_many_queries_for_many_documents_as_for_few(manager_page: Client) -> None:
    numbers = []
    for size in (3, 40):
        batch = run(make_batch(size))
        with CaptureQueriesContext(connection) as queries:
            manager_page.get(address(batch))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(("bring", "is_live"), [(make_batch, True), (lambda: run(make_batch()), False)])
def test_the_page_follows_a_batch_until_it_ends(bring: Any, is_live: bool, manager_page: Client) -> None:
    assert ("documents/live" in manager_page.get(address(bring())).text) is is_live


def test_a_paused_batch_says_why(manager_page: Client) -> None:
    batch = make_batch()
    why = {"pause_reason": "failures", "pause_detail": "auth: The key is wrong."}
    Batch.objects.filter(pk=batch.pk).update(state="paused", **why)
    text = manager_page.get(address(batch)).text
    assert "Too many failures in a row. auth: The key is wrong." in text
    assert "Too many failures in a row." in manager_page.get(BATCHES).text


# --- A document of a batch ------------------------------------------------------------------------


def test_a_document_is_shown_with_its_text_beside_its_fields(manager_page: Client) -> None:
    batch = asked_for_total_and_date([make_document(text="TOTAL 9.00\f14/05/2019")], answers(total="9.00"))
    text = manager_page.get(address(batch, "document", 1)).text
    for piece in ("TOTAL 9.00", "14/05/2019", ">9.00</div>", '<span class="missing">missing</span>'):
        assert piece in text


def test_a_value_that_does_not_fit_its_schema_says_what_is_wrong(manager_page: Client) -> None:
    batch = asked_for_total_and_date(1, answers(total=9, date="2019-05-14"))
    fields = {field.name: field for field in manager_page.get(address(batch, "document", 1)).context["fields"]}
    assert (fields["total"].value, bool(fields["total"].problem), fields["date"].problem) == ("9", True, "")
    assert fields["total"].problem in manager_page.get(address(batch, "document", 1)).text


def test_a_reader_goes_from_document_to_document(manager_page: Client) -> None:
    batch = make_batch(3)
    context = manager_page.get(address(batch, "document", 2)).context
    assert context["neighbours"] == {
        "before": address(batch, "document", 1),
        "after": address(batch, "document", 3),
    }


@pytest.mark.parametrize("position", [0, 4, 2**31, 10**30])
def test_a_document_that_is_not_in_the_batch_is_not_found(position: int, manager_page: Client) -> None:
    assert manager_page.get(address(make_batch(3), "document", position)).status_code == 404


def test_the_request_of_a_document_leads_back_to_it(manager_page: Client) -> None:
    batch = run(make_batch([make_document(name="a.pdf")]))
    request = batch.items.get().request
    assert request is not None
    text = manager_page.get(f"/admin/prompts/promptrequest/{request.pk}/change/").text
    assert "The text comes from a document:" in text
    assert address(batch, "document", 1) in text


# --- Files ----------------------------------------------------------------------------------------


def test_the_results_are_had_as_csv(manager_page: Client) -> None:
    batch = asked_for_total_and_date([make_document(name="=1+1.pdf")], answers(total="9.00", date="ใบเสร็จ"))
    answer: Any = manager_page.get(address(batch, "csv"))
    (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert (row["total"], row["date"], row["outcome"]) == ("9.00", "ใบเสร็จ", "completed")
    assert not row["document"].startswith("=")
    assert answer["Content-Disposition"].startswith('attachment; filename="batch-')


def test_the_results_are_had_as_json_lines(manager_page: Client) -> None:
    batch = asked_for_total_and_date(2, answers(total="9.00"))
    answer: Any = manager_page.get(address(batch, "jsonl"))
    lines = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [line["fields"] for line in lines] == [{"total": "9.00"}] * 2


# --- Two batches ----------------------------------------------------------------------------------


def test_two_batches_are_compared_field_by_field(manager: Any, manager_page: Client) -> None:
    old = asked_for_total_and_date([make_document(name="a.pdf"), make_document(name="b.pdf")], answers(total="9.00"))
    new = batches.rerun(old.pk, actor=manager, version_number=old.version.version_number)
    drive_all()
    worked(answers(total="9.00"), limit=1)
    run(new, answers(total="8.00", date="2019-05-14"))
    page = manager_page.get(f"{address(new, 'compare')}?with={old.pk}")
    fields = {
        counts.field: (counts.same, counts.changed, counts.gained) for counts in page.context["comparison"].fields
    }
    assert fields == {"total": (1, 1, 0), "date": (0, 0, 1)}
    (change,) = page.context["changes"]
    assert {field["name"]: (field["old"], field["new"]) for field in change["fields"]} == {
        "total": ("9.00", "8.00"),
        "date": ("", "2019-05-14"),
    }


def test_a_batch_offers_its_re_runs_for_comparison(manager: Any, manager_page: Client) -> None:
    old = run(make_batch())
    one, two = (batches.rerun(old.pk, actor=manager) for _number in range(2))
    offered = [line["id"] for line in manager_page.get(address(one, "compare")).context["offered"]]
    assert offered == [str(two.pk), str(old.pk)]


def test_the_short_id_that_is_shown_names_a_batch_to_compare_with(manager_page: Client) -> None:
    old, new = make_batch(), make_batch()
    page = manager_page.get(f"{address(new, 'compare')}?with={old.pk.hex[-8:]}")
    assert page.context["chosen"] == str(old.pk)
    assert page.context["comparison"] is not None


@pytest.mark.parametrize("other", ["x", "00000000", "0191d6a0-0000-7000-8000-000000000000", "%00"])
def test_a_batch_that_is_not_there_can_be_corrected_in_place(other: str, manager_page: Client) -> None:
    page = manager_page.get(f"{address(make_batch(), 'compare')}?with={other}")
    assert page.status_code == 404
    assertContains(page, "This was not found.", status_code=404)
    assertContains(page, 'name="with"', status_code=404)


# --- Who sees what --------------------------------------------------------------------------------


def test_a_person_sees_only_their_own_batches() -> None:
    onlooker = make_staff("documents.view_batch")
    own, foreign = make_batch(user=onlooker), make_batch()
    page = signed_in(onlooker)
    assert list(page.get(BATCHES).context["cl"].result_list) == [own]
    for name in ("rerun", "cancel", "retry", "compare", "csv", "jsonl", "accuracy"):
        assert page.get(address(foreign, name)).status_code == 404, name
    assert page.get(address(foreign, "document", 1)).status_code == 404
    assert page.post(address(foreign, "pause")).status_code == 404
    assert page.get(f"{address(own, 'compare')}?with={foreign.pk}").status_code == 404


def test_staff_without_any_permission_reaches_no_batch() -> None:
    batch = make_batch(user=(nobody := make_user(is_staff=True)))
    page = signed_in(nobody)
    assert page.get(address(batch)).status_code == 403
    assert page.post(address(batch, "pause")).status_code == 403
    assert page.get(address(batch, "csv")).status_code == 403
    batch.refresh_from_db()
    assert batch.state == "running"


def test_a_download_too_many_is_told_on_the_page(manager_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "slots", downloads.Slots(1))
    downloads.slots.take()
    batch = make_batch([make_document()])
    page = manager_page.get(address(batch, "csv"), follow=True)
    assertContains(page, "Try again in a few seconds.")
