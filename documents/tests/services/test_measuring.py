"""How well a version did on a labelled set."""

from __future__ import annotations

import json
from decimal import Decimal
from unittest.mock import Mock

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from documents.models import AccuracyRun, Batch, LabelledDocument
from documents.services import labelling, measuring
from documents.tests.batching import answers, drive_all, make_batch, run, work
from documents.tests.factories import make_unreadable_document
from documents.tests.measuring import finish, make_set, measured, reads, run_on, says
from prompts.exceptions import Conflict
from prompts.tests.factories import make_user, make_version
from prompts.tests.services.test_lifecycle_races import together

pytestmark = pytest.mark.django_db


def test_a_batch_over_a_set_is_measured_when_it_finishes() -> None:
    labelled_set, version = make_set(4), make_version("Read {{input}}", model="simulator/default")
    batch = run_on(labelled_set, version, reads(3))
    counted = AccuracyRun.objects.get(batch=batch)
    assert batch.state == "finished"
    assert (counted.version, counted.labelled_set, counted.model) == (version, labelled_set, "simulator/default")
    assert (counted.documents, counted.unanswered) == (4, 0)
    assert (counted.fields, counted.exact, counted.normalised) == (4, 3, 3)
    assert counted.content_sha256 == labelled_set.content_sha256


def test_each_field_is_counted_to_the_letter_and_by_what_it_says() -> None:
    labelled_set = make_set(
        [{"total": "RM 29.70", "date": "25/12/2018"}, {"total": "80.90", "company": "MR. D.I.Y. (M)"}]
    )
    said = says({"total": 29.7, "date": "25/12/2018", "more": 1}, {"total": "80.90", "company": "mr diy m"})
    counted = AccuracyRun.objects.get(batch=run_on(labelled_set, make_version("Read {{input}}"), said))
    assert counted.by_field == {
        "total": {"fields": 2, "exact": 1, "normalised": 2},
        "date": {"fields": 1, "exact": 1, "normalised": 1},
        "company": {"fields": 1, "exact": 0, "normalised": 1},
    }
    assert (counted.fields, counted.exact, counted.normalised) == (4, 2, 4)
    shares = measuring.field_shares(counted)
    assert list(shares) == ["company", "date", "total"]
    assert [(share.correct, share.total) for share in shares["total"]] == [(2, 2), (1, 2)]


def test_shares_come_with_their_count_and_interval() -> None:
    share = measuring.share(measured(make_set(10), 9))
    assert (share.correct, share.total, share.value) == (9, 10, Decimal("0.9000"))
    assert (share.low, share.high) == (Decimal("0.5958"), Decimal("0.9821"))


def test_a_document_without_an_answer_is_wrong_in_all_its_fields() -> None:
    labelled_set = make_set([{"total": "1.00", "tip": None}, {"total": "2.00", "tip": None}])
    said = says({"total": "1.00"}, None)
    counted = AccuracyRun.objects.get(batch=run_on(labelled_set, make_version("Read {{input}}"), said))
    assert (counted.documents, counted.unanswered, counted.fields, counted.normalised) == (2, 1, 4, 2)


def test_an_answer_without_fields_is_wrong_in_all_of_them() -> None:
    labelled_set = make_set([{"total": "1.00", "tip": None}])
    batch = run_on(labelled_set, make_version("Read {{input}}"), says("I can't read that."))
    counted = AccuracyRun.objects.get(batch=batch)
    assert (counted.unanswered, counted.fields, counted.normalised) == (0, 2, 0)


def test_a_file_that_can_not_be_read_counts_as_unanswered() -> None:
    labelled_set = make_set(3)
    LabelledDocument.objects.create(
        labelled_set=labelled_set, position=4, document=make_unreadable_document(), expected={"total": "4.00"}
    )
    assert measured(labelled_set, 3).unanswered == 1


def test_what_was_invented_for_a_missing_field_is_wrong() -> None:
    labelled_set = make_set([{"tip": None}, {"tip": None}, {"tip": None}])
    said = says({"tip": "5"}, {"tip": ""}, {"other": 1})
    counted = AccuracyRun.objects.get(batch=run_on(labelled_set, make_version("Read {{input}}"), said))
    assert (counted.exact, counted.normalised) == (1, 2)


def test_the_dates_of_a_set_show_which_number_is_the_month() -> None:
    labelled_set = make_set([{"date": "03/05/2018"}, {"date": "12/25/2018"}])
    said = says({"date": "2018-03-05"}, {"date": "2018-12-25"})
    counted = AccuracyRun.objects.get(batch=run_on(labelled_set, make_version("Read {{input}}"), said))
    assert counted.normalised == 2


def test_a_document_that_was_left_out_of_the_batch_counts_as_wrong() -> None:
    labelled_set = make_set(4)
    easy = [row.document for row in labelled_set.documents.order_by("position")[:1]]
    batch = finish(make_batch(easy, labelled_set=labelled_set), reads(4))
    counted = AccuracyRun.objects.get(batch=batch)
    assert (counted.documents, counted.unanswered, counted.normalised) == (4, 3, 1)


def test_measuring_again_gives_the_same_run() -> None:
    counted = measured(make_set(2), 1)
    assert measuring.measure(counted.batch) == counted
    assert AuditEntry.objects.filter(action="accuracy.measured").count() == 1


def test_a_measurement_is_audited_with_all_that_it_counted() -> None:
    counted = measured(make_set(2), 1)
    entry = AuditEntry.objects.get(action="accuracy.measured")
    assert (entry.actor_id, entry.target_id) == (None, str(counted.batch_id))
    assert json.loads(entry.content)["details"] == {
        "prompt_type": "text",
        "version_number": counted.version.version_number,
        "template_sha256": counted.version.template_sha256,
        "model": counted.model,
        "labelled_set": "receipts r1",
        "content_sha256": counted.labelled_set.content_sha256,
        "documents": 2,
        "unanswered": 0,
        "fields": 2,
        "exact": 1,
        "normalised": 1,
    }


def test_a_batch_without_a_set_is_not_measured() -> None:
    with pytest.raises(Conflict):
        measuring.measure(finish(make_batch(1), reads(1)))


def test_a_batch_of_which_nothing_was_answered_is_measured_too() -> None:
    batch = run_on(make_set(2), make_version("Read {{input}}"), says(None, None))
    assert measuring.share(batch.accuracy).value == 0


def test_the_worst_documents_come_first_and_those_that_are_right_do_not_come() -> None:
    labelled_set = make_set([{"a": "1", "b": "1"}, {"a": "1", "b": "1"}, {"a": "1", "b": "1"}, {"a": "1", "b": "1"}])
    said = says({"a": 1, "b": 0}, {"a": 1, "b": 1}, {"a": 0, "b": 0}, {"a": 0, "b": 1})
    counted = AccuracyRun.objects.get(batch=run_on(labelled_set, make_version("Read {{input}}"), said))
    worst = measuring.worst_documents(counted)
    assert [(document.position, document.wrong) for document in worst] == [(3, 2), (1, 1), (4, 1)]
    assert [(field.field, field.expected, field.given, field.is_right) for field in worst[1].fields] == [
        ("a", "1", 1, True),
        ("b", "1", 0, False),
    ]
    assert measuring.worst_documents(counted, limit=1) == worst[:1]


def test_the_last_run_is_of_that_version_set_and_model() -> None:
    labelled_set, version = make_set(2), make_version("Read {{input}}")
    measured(labelled_set, 2, version)
    last = measured(labelled_set, 1, version)
    other_model = measured(labelled_set, 2, version, model="simulator/better")
    measured(labelled_set, 2)
    measured(make_set(2, name="others"), 2, version)
    assert measuring.last_run(version, labelled_set, model=last.model) == last
    assert measuring.last_run(version, labelled_set) == other_model


def test_the_database_lets_nobody_change_a_measurement() -> None:
    counted = measured(make_set(2), 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccuracyRun.objects.filter(pk=counted.pk).update(normalised=2)


def test_the_hash_of_a_measurement_is_that_of_what_was_compared() -> None:
    labelled_set = make_set(3)
    LabelledDocument.objects.filter(labelled_set=labelled_set, position=3).delete()
    counted = measured(labelled_set, 2)
    assert (counted.fields, counted.normalised) == (2, 2)
    assert counted.content_sha256 != labelled_set.content_sha256


def test_a_set_of_many_documents_is_measured_with_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    batch = run_on(make_set(40), make_version("Read {{input}}"), reads(40))
    AccuracyRun.objects.filter(batch=batch).delete()
    with django_assert_max_num_queries(20):
        measuring.measure(batch)


@pytest.mark.django_db(transaction=True)
def test_a_run_by_workers_is_measured_in_the_transaction_that_finishes_it() -> None:
    batch = labelling.run_set(make_set(3), actor=make_user(), prompt_type="text")
    assert run(batch, answers(total="2.00")).state == "finished"
    counted = AccuracyRun.objects.get(batch=batch)
    assert (counted.documents, counted.unanswered, counted.normalised) == (3, 0, 1)
    entries = AuditEntry.objects.filter(target_id=str(batch.pk)).order_by("at").values_list("action", flat=True)
    assert list(entries) == ["batch.created", "batch.finished", "accuracy.measured"]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_can_not_be_measured_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = labelling.run_set(make_set(1), actor=make_user(), prompt_type="text")
    drive_all()
    work(answers(total="1.00"))
    monkeypatch.setattr(measuring, "content_sha256", Mock(side_effect=RuntimeError))
    drive_all()
    batch.refresh_from_db()
    assert (batch.state, AccuracyRun.objects.exists()) == ("running", False)
    monkeypatch.undo()
    drive_all()
    assert AccuracyRun.objects.get().normalised == 1


@pytest.mark.django_db(transaction=True)
def test_measured_by_many_at_once_it_is_measured_once() -> None:
    batch = measured(make_set(2), 1).batch
    AccuracyRun.objects.all().delete()
    together(6, lambda _: measuring.measure(Batch.objects.get(pk=batch.pk)))
    assert AccuracyRun.objects.count() == 1
