"""A text that was erased stands in no column of any table, wherever the project had put copies of it."""

from __future__ import annotations

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client

from config.tests.databases import Database
from config.tests.e2e.oracle import tables_with
from documents.services import batches, driving
from documents.tests.factories import make_document
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import execution, persons, recording, sealing, submission
from prompts.services.execution import Failure, Result
from prompts.tests.factories import completed, make_user, make_version
from prompts.tests.personas import make_admin

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Xanthippe-of-room-12"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


@pytest.fixture
def ann() -> Any:
    return make_user("ann", password="a long password")


def answer(number: int = 100) -> None:
    claims = execution.claim(number, worker="w1")
    recording.record([completed(claim, f"About {SECRET}.") for claim in claims])


def ask(user: Any, **values: Any) -> PromptRequest:
    values = {"prompt_type": "text", "prompt_text": f"Tell of {SECRET}."} | values
    return submission.submit(user=user, purpose=f"For {SECRET}", metadata={"who": SECRET}, **values)


def erase(user: Any) -> persons.Done:
    persons.close(user)
    return list(persons.erase(user))[-1]


def test_a_replay_of_somebody_else_goes_with_what_it_repeats(ann: Any) -> None:
    bob = make_admin()
    client = Client()
    client.force_login(bob)
    original = ask(ann)
    answer()
    reply = client.post(
        f"/api/ai/prompts/{original.pk}/replay", {}, content_type="application/json", headers={"Idempotency-Key": "k1"}
    )
    assert reply.status_code == 201
    answer()
    again = submission.replay(PromptRequest.objects.get(pk=UUID(reply.json()["id"])), user=make_user("carol"))
    assert erase(ann) == persons.Done(erased=3, deleted=0, waiting=0)
    again.refresh_from_db()
    assert again.status == Status.CANCELLED
    assert tables_with(Database(), SECRET) == []


def test_what_others_still_ask_about_a_document_is_ended_and_erased(ann: Any) -> None:
    bob = make_user("bob")
    document = make_document(ann, f"{SECRET} owes 9.50.")
    version = make_version("Read {{input}}.", model="simulator/default")
    given: dict[str, Any] = {"prompt_type": "text", "documents": [document], "version_number": version.version_number}
    answered, waiting, running = (batches.create_batch(user=bob, **given) for _ in range(3))
    driving.drive(answered.pk)
    answer()
    driving.drive(running.pk)
    (held,) = execution.claim(1, worker="w1")
    driving.drive(waiting.pk)
    assert erase(ann) == persons.Done(erased=3, deleted=0, waiting=0)
    assert recording.record([completed(held, f"Too late: {SECRET}.")]) is not None
    assert set(PromptRequest.objects.values_list("status", flat=True)) == {Status.COMPLETED, Status.CANCELLED}
    assert tables_with(Database(), SECRET) == []


def test_an_answer_to_somebody_else_that_is_not_sealed_is_waited_for(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    original = ask(ann)
    submission.cancel(original.pk)
    submission.replay(PromptRequest.objects.get(pk=original.pk), user=make_user("bob"))
    answer()
    with monkeypatch.context() as late:
        late.setattr(sealing, "LAG_SECONDS", 3600)
        assert erase(ann) == persons.Done(erased=1, deleted=0, waiting=1)
    assert erase(persons.find(persons.pseudonym(ann))) == persons.Done(erased=1, deleted=0, waiting=0)
    assert tables_with(Database(), SECRET) == []


def test_why_a_batch_was_paused_goes_with_the_errors_that_it_repeats(ann: Any, settings: Any) -> None:
    settings.BATCH_MAX_FAILURES_IN_ROW = 1
    documents = [make_document(ann, f"{number} of {SECRET}") for number in range(2)]
    settings.BATCH_IN_FLIGHT = 1
    version = make_version("Read {{input}}.", model="simulator/default")
    batch = batches.create_batch(
        user=make_user("bob"), prompt_type="text", documents=documents, version_number=version.version_number
    )
    driving.drive(batch.pk)
    (claim,) = execution.claim(1, worker="w1")
    recording.record([Result(claim, 80, failure=Failure("bad_request", f"Not allowed: {SECRET}"))])
    driving.drive(batch.pk)
    batch.refresh_from_db()
    assert SECRET in batch.pause_detail
    erase(ann)
    batch.refresh_from_db()
    assert (batch.state, batch.pause_detail) == ("paused", "")


def test_a_document_that_is_being_sent_while_it_is_erased_does_not_get_away(ann: Any) -> None:
    document = make_document(ann, f"{SECRET} owes 9.50.")
    version = make_version("Read {{input}}.", model="simulator/default")
    batch = batches.create_batch(
        user=make_user("bob"), prompt_type="text", documents=[document], version_number=version.version_number
    )
    persons.close(ann)
    with transaction.atomic():
        driving.drive(batch.pk)
        erasing = Thread(target=in_another_connection, args=[lambda: list(persons.erase(ann))])
        erasing.start()
        while erasing.is_alive() and not waits_for_a_lock():
            erasing.join(0.02)
    erasing.join()
    assert PromptRequest.objects.get().status == Status.CANCELLED
    assert tables_with(Database(), SECRET) == []


def in_another_connection(function: Any) -> None:
    try:
        function()
    finally:
        connection.close()


def waits_for_a_lock() -> bool:
    """Whether anybody waits for this connection."""
    return bool(
        Database().sql("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    )
