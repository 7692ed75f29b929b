"""What a pass over the running batches sends, ends and pauses."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DataError, connection, transaction
from django.db.models import QuerySet

from audit.models import AuditEntry
from documents.models import Batch, BatchItem
from documents.services import batches, driving
from documents.tests.batching import answers, drive_all, fails, item, make_batch, requests_of, run, work
from documents.tests.factories import (
    fail_document,
    make_document,
    make_unreadable_document,
    make_waiting_document,
    read_document,
    upload,
)
from prompts.models import PromptRequest, PromptResponse, PromptType
from prompts.services import lifecycle, submission
from prompts.tests.factories import make_request, make_user, make_version
from prompts.tests.services.test_lifecycle_races import meanwhile, together

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(batch: Batch) -> tuple[str, str]:
    """Its state and why it is paused."""
    batch.refresh_from_db()
    return batch.state, batch.pause_reason


# --- Sending ----------------------------------------------------------------------------------------------


def test_a_document_that_is_read_is_sent_with_what_the_batch_is_pinned_to() -> None:
    version = make_version("Read {{input}}", model="simulator/pinned")
    user = make_user()
    batch = make_batch(1, user=user, version_number=version.version_number, purpose="Receipts of May")
    driving.step()
    (request,) = requests_of(batch)
    assert (request.user, request.version, request.model) == (user, version, "simulator/pinned")
    assert (request.prompt_text, request.variables, request.purpose) == (
        "Read Text 1",
        {"input": "Text 1"},
        "Receipts of May",
    )
    assert request.metadata == {"batch": str(batch.pk), "document": str(item(batch, 1).document_id)}
    assert (request.is_sandbox, request.status) == (False, "pending")


def test_the_pages_of_a_document_are_sent_together() -> None:
    batch = make_batch([make_document(text="Page one\fPage two")])
    driving.step()
    text = requests_of(batch)[0].prompt_text
    assert text.index("Page one") < text.index("Page two")


def test_a_document_waits_for_its_text_and_holds_up_no_other() -> None:
    waiting = upload("Total 4.00")
    batch = make_batch([waiting, make_document()])
    drive_all()
    assert [item(batch, position).request is not None for position in (1, 2)] == [False, True]
    read_document(waiting, "Total 4.00")
    drive_all()
    assert item(batch, 1).request is not None


def test_no_more_are_under_way_than_may_be(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 2
    batch = make_batch(5)
    drive_all()
    assert len(requests_of(batch)) == 2
    work(answers(total="1"), limit=1)
    drive_all()
    assert len(requests_of(batch)) == 3


def test_a_pass_says_whether_another_one_finds_more_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "MOST_AT_ONCE", 2)
    make_batch(3)
    assert [driving.step(), driving.step(), driving.step()] == [True, False, False]


def test_a_version_that_is_deleted_meanwhile_is_used_to_the_end() -> None:
    version = make_version("Read {{input}}")
    batch = make_batch(1, version_number=version.version_number)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    assert run(batch).state == "finished"
    assert requests_of(batch)[0].status == "completed"


def test_a_user_at_their_limit_waits_and_is_not_refused(settings: Any) -> None:
    settings.MAX_UNFINISHED_PER_USER = 2
    batch = make_batch(3)
    drive_all()
    assert (len(requests_of(batch)), state_of(batch)) == (2, ("running", ""))
    assert run(batch).state == "finished"


# --- Ends -------------------------------------------------------------------------------------------------


def test_a_batch_is_finished_once_all_its_documents_have_come_to_an_end() -> None:
    batch = make_batch(2)
    drive_all()
    work(answers(total="1"), limit=1)
    drive_all()
    assert state_of(batch) == ("running", "")
    work(fails())
    drive_all()
    assert state_of(batch) == ("finished", "")
    assert AuditEntry.objects.filter(action="batch.finished", target_id=str(batch.pk)).count() == 1


def test_a_file_that_can_not_be_read_fails_alone_with_its_reason() -> None:
    waiting = upload("Total 4.00")
    batch = make_batch([make_unreadable_document(reason="encrypted"), waiting, make_document()])
    drive_all()
    fail_document(waiting, "broken")
    assert run(batch).state == "finished"
    assert [item(batch, position).error_code for position in (1, 2, 3)] == ["encrypted", "broken", ""]
    assert len(requests_of(batch)) == 1


def test_a_text_that_can_not_be_sent_fails_alone_and_says_why() -> None:
    batch = make_batch([make_document(text="x" * 1024 * 1024 + "x"), make_document()])
    assert run(batch).state == "finished"
    refused = item(batch, 1)
    assert (refused.error_code, "1 MB" in refused.error_message, refused.request) == ("refused", True, None)
    assert len(requests_of(batch)) == 1


def test_what_every_document_would_be_refused_for_pauses_the_batch_and_says_why() -> None:
    batch = make_batch(3)
    PromptType.objects.filter(slug="text").update(is_active=False)
    drive_all()
    assert state_of(batch) == ("paused", "refused")
    assert "text" in batch.pause_detail
    PromptType.objects.filter(slug="text").update(is_active=True)
    batches.resume(batch.pk, actor=make_user())
    assert run(batch).state == "finished"


# --- Failures in a row --------------------------------------------------------------------------------------


def test_too_many_failures_in_a_row_pause_the_batch_and_the_last_is_told(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = settings.BATCH_MAX_FAILURES_IN_ROW = 3
    batch = make_batch(6)
    run(batch, fails("auth"))
    assert state_of(batch) == ("paused", "failures")
    assert batch.pause_detail == "auth: It did not work."
    assert len(requests_of(batch)) == 3
    entry = AuditEntry.objects.get(action="batch.paused", target_id=str(batch.pk), actor=None)
    assert json.loads(entry.content)["details"]["detail"] == "auth"


def test_a_success_in_between_begins_the_count_anew(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 1
    settings.BATCH_MAX_FAILURES_IN_ROW = 2
    batch = make_batch(5)
    for answer in (fails(), answers(total="1"), fails(), answers(total="1")):
        drive_all()
        work(answer)
    drive_all()
    assert state_of(batch) == ("running", "")


def test_failures_before_a_batch_was_resumed_count_no_more(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 1
    settings.BATCH_MAX_FAILURES_IN_ROW = 2
    batch = run(make_batch(5), fails())
    batches.resume(batch.pk, actor=make_user())
    drive_all()
    work(fails())
    drive_all()
    assert state_of(batch) == ("running", "")


def test_files_that_can_not_be_read_are_no_failures_in_a_row(settings: Any) -> None:
    settings.BATCH_MAX_FAILURES_IN_ROW = 2
    batch = make_batch([*(make_unreadable_document() for _ in range(3)), make_waiting_document()])
    drive_all()
    assert state_of(batch) == ("running", "")


def test_the_failures_of_the_last_documents_end_the_batch_instead(settings: Any) -> None:
    settings.BATCH_MAX_FAILURES_IN_ROW = 2
    assert run(make_batch(2), fails()).state == "finished"


# --- At the same time -----------------------------------------------------------------------------------------


def wait_for(rows: QuerySet[Any]) -> None:
    """Until one is there."""
    for _ in range(10_000):
        if rows.exists():
            return
        time.sleep(0.001)
    raise AssertionError("There is none.")


def test_many_drivers_at_once_send_each_document_once() -> None:
    batch = make_batch(60)
    together(6, lambda _: drive_all())
    drive_all()
    assert PromptRequest.objects.count() == 60
    assert len({request.variables["input"] for request in requests_of(batch) if request.variables}) == 60


def test_drivers_and_workers_side_by_side_give_each_document_one_answer(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 7
    both = [make_batch(40), make_batch(40)]

    def drive_and_work(_number: int) -> None:
        for _ in range(400):
            driving.step()
            work(answers(total="1"), limit=5)
            if not Batch.objects.filter(state="running").exists():
                return
        raise AssertionError("It does not end.")

    together(4, drive_and_work)
    assert [state_of(batch)[0] for batch in both] == ["finished"] * 2
    assert PromptRequest.objects.filter(status="completed").count() == PromptResponse.objects.count() == 80


def test_a_batch_that_somebody_else_holds_holds_up_no_other() -> None:
    held, other = make_batch(1), make_batch(1)
    with transaction.atomic():
        Batch.objects.select_for_update(no_key=True).get(pk=held.pk)
        together(1, lambda _: drive_all())
        assert (len(requests_of(held)), len(requests_of(other))) == (0, 1)


def test_nothing_is_sent_after_a_pause_has_returned(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 1000
    batch, user = make_batch(200), make_user()
    with meanwhile(drive_all):
        wait_for(BatchItem.objects.filter(request__isnull=False))
        batches.pause(batch.pk, actor=user)
        sent = PromptRequest.objects.count()
        time.sleep(0.2)
        assert 0 < sent < 200
        assert PromptRequest.objects.count() == sent


def test_cancelling_while_it_is_driven_and_answered_leaves_nothing_under_way(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 40
    batch, user = make_batch(150), make_user()

    def act(number: int) -> None:
        if number == 0:
            wait_for(PromptResponse.objects.all())
            batches.cancel(batch.pk, actor=user)
            return
        for _ in range(40):
            driving.step()
            work(answers(total="1"), limit=1)

    together(4, act)
    statuses = Counter(PromptRequest.objects.values_list("status", flat=True))
    assert set(statuses) == {"completed", "cancelled"}
    assert state_of(batch) == ("cancelled", "")


def test_a_worker_that_dies_between_request_and_item_leaves_neither() -> None:
    batch = make_batch(3)
    with (
        patch.object(driving, "_write", autospec=True, side_effect=DataError("gone")),
        pytest.raises(DataError),
    ):
        driving.drive(batch.pk)
    assert (PromptRequest.objects.count(), BatchItem.objects.filter(request__isnull=False).count()) == (0, 0)


def test_an_error_in_one_batch_holds_up_no_other() -> None:
    make_batch(1, purpose="bad")
    good = make_batch(1)
    submit = submission.submit

    def stumble(**given: Any) -> Any:
        if given["purpose"] == "bad":
            raise ZeroDivisionError
        return submit(**given)

    with patch.object(submission, "submit", side_effect=stumble, autospec=True):
        drive_all()
    assert len(requests_of(good)) == 1


def test_another_activation_in_the_middle_changes_nothing(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 5
    batch, user = make_batch(30), make_user()
    versions = [make_version(f"Version {number}: {{{{input}}}}").version_number for number in range(5)]
    turn = threading.local()

    def activate() -> None:
        turn.number = getattr(turn, "number", 0) + 1
        lifecycle.activate_version("text", versions[turn.number % 5], actor=user)

    with meanwhile(activate) as times:
        run(batch)
    assert times[0] > 3
    assert [request.prompt_text for request in requests_of(batch)] == [f"Text {n}" for n in range(1, 31)]


def test_how_many_queries_a_pass_takes_depends_on_what_it_sends_alone(django_assert_max_num_queries: Any) -> None:
    make_batch(40)
    drive_all()
    for _ in range(20):
        make_request()
    with django_assert_max_num_queries(12):
        assert not driving.step()
    connection.close()
