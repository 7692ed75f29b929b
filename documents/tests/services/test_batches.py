"""Starting, extending, steering and repeating batches."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from audit.models import AuditEntry
from documents.models import Batch, BatchItem, LabelledDocument, LabelledSet
from documents.services import batches
from documents.tests.batching import answers, drive_all, fails, item, make_batch, requests_of, run, work
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document
from prompts.exceptions import Conflict, InvalidInput, NoActiveVersion, NotFound
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def entries(batch: Batch) -> list[str]:
    """The actions of its audit entries, in their order."""
    return list(AuditEntry.objects.filter(target_id=str(batch.pk)).order_by("id").values_list("action", flat=True))


def refused_on(field: str, **given: Any) -> str:
    """The message on the field that a start is refused for; nothing is stored then."""
    with pytest.raises(InvalidInput) as refused:
        make_batch(**given)
    assert (list(refused.value.errors), Batch.objects.count()) == ([field], 0)
    return str(refused.value.message)


# --- Starting ---------------------------------------------------------------------------------------------


def test_a_batch_is_pinned_to_the_version_that_is_active_at_its_start() -> None:
    batch = make_batch()
    later = make_version("Read it: {{input}}")
    lifecycle.activate_version("text", later.version_number, actor=make_user())
    assert run(batch).state == "finished"
    assert {request.version.version_number for request in requests_of(batch) if request.version} == {1}
    assert [request.prompt_text for request in requests_of(batch)] == ["Text 1", "Text 2", "Text 3"]


def test_a_version_can_be_named_that_is_not_active() -> None:
    version = make_version("Read {{text}} well")
    batch = make_batch(1, version_number=version.version_number)
    drive_all()
    assert (batch.version, batch.placeholder) == (version, "text")
    assert requests_of(batch)[0].prompt_text == "Read Text 1 well"


def test_documents_stand_in_the_order_in_which_they_were_given_and_each_once() -> None:
    first, second = make_document(), make_document()
    batch = make_batch([second, first, second])
    assert list(batch.items.values_list("position", "document")) == [(1, second.pk), (2, first.pk)]


def test_the_model_is_the_one_named_or_the_versions_or_the_types() -> None:
    PromptType.objects.filter(slug="text").update(default_model="simulator/of-the-type")
    own = make_version("Read {{input}}", model="simulator/of-the-version").version_number
    assert make_batch().model == "simulator/of-the-type"
    assert make_batch(version_number=own).model == "simulator/of-the-version"
    assert make_batch(version_number=own, model="simulator/named").model == "simulator/named"


def test_the_start_is_audited_with_what_it_is_pinned_to() -> None:
    user = make_user()
    batch = make_batch(2, user=user, purpose="Last year's receipts")
    entry = AuditEntry.objects.get(action="batch.created")
    assert (entry.actor, entry.target_id) == (user, str(batch.pk))
    assert '"version_number":1' in entry.content
    assert '"documents":2' in entry.content


def test_without_an_active_version_nothing_starts() -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    with pytest.raises(NoActiveVersion):
        make_batch()
    assert (Batch.objects.count(), AuditEntry.objects.filter(action="batch.created").count()) == (0, 0)


def test_a_batch_without_documents_is_refused() -> None:
    refused_on("documents", documents=[])


def test_a_batch_over_too_many_documents_is_refused(settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 2
    assert "at most 2" in refused_on("documents", documents=3)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("prompt_type", {"prompt_type": "nonsense"}),
        ("version_number", {"version_number": 99}),
        ("model", {"model": "nobody/nothing"}),
        ("purpose", {"purpose": "x" * 501}),
        ("purpose", {"purpose": "\x00"}),
    ],
)
def test_what_can_not_be_used_is_refused_by_its_field(field: str, given: dict[str, Any]) -> None:
    refused_on(field, **given)


def test_an_inactive_type_starts_nothing() -> None:
    PromptType.objects.filter(slug="text").update(is_active=False)
    refused_on("prompt_type")


@pytest.mark.parametrize("template", ["No placeholder", "{{input}} and {{other}}"])
def test_a_version_that_a_text_alone_can_not_fill_is_refused(template: str) -> None:
    number = make_version(template).version_number
    refused_on("version_number", version_number=number)


def test_a_required_placeholder_beside_others_is_refused_as_the_others_would_stay_empty() -> None:
    PromptType.objects.filter(slug="text").update(required_placeholders=["input"])
    number = make_version("{{input}} and {{other}}").version_number
    assert "other" in refused_on("version_number", version_number=number)


# --- Extending --------------------------------------------------------------------------------------------


def test_further_documents_come_behind_the_others_and_none_twice() -> None:
    first, second = make_document(), make_document()
    batch = make_batch([first])
    assert batches.add_documents(batch.pk, [first, second], actor=make_user()) == 1
    assert list(batch.items.values_list("position", "document")) == [(1, first.pk), (2, second.pk)]
    assert entries(batch) == ["batch.created", "batch.extended"]


def test_a_finished_batch_goes_on_with_further_documents() -> None:
    batch = run(make_batch(1))
    batches.add_documents(batch.pk, [make_document()], actor=make_user())
    assert run(batch).state == "finished"
    assert PromptRequest.objects.count() == 2


def test_what_is_there_already_reopens_nothing() -> None:
    document = make_document()
    batch = run(make_batch([document]))
    assert batches.add_documents(batch.pk, [document], actor=make_user()) == 0
    batch.refresh_from_db()
    assert (batch.state, "batch.extended" in entries(batch)) == ("finished", False)


def test_a_batch_grows_no_larger_than_it_may(settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 3
    batch = make_batch(2)
    with pytest.raises(InvalidInput):
        batches.add_documents(batch.pk, [make_document(), make_document()], actor=make_user())
    assert BatchItem.objects.count() == 2


def test_a_cancelled_batch_takes_no_further_documents() -> None:
    batch = make_batch(1)
    batches.cancel(batch.pk, actor=make_user())
    with pytest.raises(Conflict):
        batches.add_documents(batch.pk, [make_document()], actor=make_user())


# --- Steering ---------------------------------------------------------------------------------------------


def test_a_paused_batch_sends_nothing_until_it_is_resumed() -> None:
    batch, user = make_batch(), make_user()
    batches.pause(batch.pk, actor=user)
    drive_all()
    assert requests_of(batch) == []
    assert batches.resume(batch.pk, actor=user).state == "running"
    drive_all()
    assert len(requests_of(batch)) == 3


def test_what_was_sent_before_a_pause_is_answered_all_the_same(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 2
    batch = make_batch()
    drive_all()
    paused = batches.pause(batch.pk, actor=make_user())
    work(answers(total="1"))
    drive_all()
    assert (paused.state, paused.pause_reason) == ("paused", "by_hand")
    assert [request.status for request in requests_of(batch)] == ["completed"] * 2


def test_pausing_and_resuming_twice_changes_and_audits_nothing_more() -> None:
    batch, user = make_batch(), make_user()
    for _ in range(2):
        batches.pause(batch.pk, actor=user)
    for _ in range(2):
        batches.resume(batch.pk, actor=user)
    assert entries(batch) == ["batch.created", "batch.paused", "batch.resumed"]


def test_cancelling_ends_what_was_sent_and_sends_no_more(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = 2
    batch = make_batch(4)
    drive_all()
    work(answers(total="1"), limit=1)
    cancelled = batches.cancel(batch.pk, actor=make_user())
    drive_all()
    assert (cancelled.state, cancelled.finished_at is not None) == ("cancelled", True)
    assert [request.status for request in requests_of(batch)] == ["completed", "cancelled"]
    assert work(answers(total="2")) == 0


def test_cancelling_twice_is_done_once() -> None:
    batch = make_batch(1)
    for _ in range(2):
        batches.cancel(batch.pk, actor=make_user())
    assert entries(batch).count("batch.cancelled") == 1


@pytest.mark.parametrize("verb", [batches.pause, batches.resume, batches.cancel])
def test_a_finished_batch_can_not_be_steered(verb: Any) -> None:
    batch = run(make_batch(1))
    with pytest.raises(Conflict):
        verb(batch.pk, actor=make_user())


@pytest.mark.parametrize("verb", [batches.pause, batches.resume, batches.cancel, batches.retry_failed, batches.rerun])
def test_a_batch_that_is_not_there_is_not_found(verb: Any) -> None:
    with pytest.raises(NotFound):
        verb(uuid.UUID(int=1), actor=make_user())


# --- Retrying ---------------------------------------------------------------------------------------------


def test_failed_documents_are_asked_again_and_the_failed_requests_are_remembered() -> None:
    batch = run(make_batch(2), fails())
    before = requests_of(batch)
    assert batches.retry_failed(batch.pk, actor=make_user()) == 2
    assert run(batch).state == "finished"
    assert [request.status for request in requests_of(batch)] == ["completed"] * 2
    assert [item(batch, position).earlier_requests for position in (1, 2)] == [[request.pk] for request in before]
    assert "batch.retried" in entries(batch)


def test_what_succeeded_is_not_asked_again() -> None:
    batch = make_batch(2)
    drive_all()
    work(answers(total="1"), limit=1)
    work(fails())
    drive_all()
    assert batches.retry_failed(batch.pk, actor=make_user()) == 1
    run(batch)
    assert PromptRequest.objects.count() == 3


def test_a_batch_that_paused_after_failures_goes_on_when_they_are_retried(settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = settings.BATCH_MAX_FAILURES_IN_ROW = 2
    batch = run(make_batch(4), fails())
    assert batch.state == "paused"
    batches.retry_failed(batch.pk, actor=make_user())
    assert run(batch).state == "finished"
    assert [request.status for request in requests_of(batch)] == ["completed"] * 4


def test_a_file_that_may_be_read_another_time_is_read_again() -> None:
    crashed, broken = make_unreadable_document(reason="crashed"), make_unreadable_document(reason="broken")
    batch = run(make_batch([crashed, broken]))
    assert batches.retry_failed(batch.pk, actor=make_user()) == 1
    crashed.file.refresh_from_db()
    assert (crashed.file.state, item(batch, 1).error_code, item(batch, 2).error_code) == ("pending", "", "broken")


def test_retrying_where_nothing_failed_changes_nothing() -> None:
    batch = run(make_batch(1))
    assert batches.retry_failed(batch.pk, actor=make_user()) == 0
    batch.refresh_from_db()
    assert (batch.state, "batch.retried" in entries(batch)) == ("finished", False)


# --- Repeating --------------------------------------------------------------------------------------------


def test_a_rerun_asks_about_the_same_documents_with_another_version() -> None:
    batch = run(make_batch(model="simulator/slow", purpose="Receipts"))
    number = make_version("Again: {{input}}").version_number
    again = run(batches.rerun(batch.pk, actor=make_user(), version_number=number))
    assert [request.prompt_text for request in requests_of(again)] == [f"Again: Text {n}" for n in (1, 2, 3)]
    assert (again.rerun_of, again.model, again.purpose) == (batch, "simulator/slow", "Receipts")
    assert PromptRequest.objects.count() == 6


def test_a_rerun_takes_the_active_version_and_its_model() -> None:
    batch = make_batch(1, model="simulator/slow")
    version = make_version("Again: {{input}}", model="simulator/quick")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    again = batches.rerun(batch.pk, actor=make_user())
    assert (again.version, again.model) == (version, "simulator/quick")


# --- Over a labelled set ------------------------------------------------------------------------------------


def test_a_measured_batch_stays_as_it_was_measured() -> None:
    document = make_document()
    labelled_set = LabelledSet.objects.create(
        name="receipts", revision=1, content_sha256="0" * 64, created_by=make_user()
    )
    LabelledDocument.objects.create(labelled_set=labelled_set, position=1, document=document, expected={"total": "9"})
    batch = run(make_batch([document], labelled_set=labelled_set), fails())
    assert (batch.state, batch.accuracy.unanswered) == ("finished", 1)
    for change in (
        lambda: batches.retry_failed(batch.pk, actor=make_user()),
        lambda: batches.add_documents(batch.pk, [make_waiting_document()], actor=make_user()),
    ):
        with pytest.raises(Conflict):
            change()


def test_a_rerun_is_measured_on_the_same_set() -> None:
    labelled_set = LabelledSet.objects.create(
        name="receipts", revision=1, content_sha256="0" * 64, created_by=make_user()
    )
    again = batches.rerun(make_batch(1, labelled_set=labelled_set).pk, actor=make_user())
    assert again.labelled_set == labelled_set
