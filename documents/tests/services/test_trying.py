"""Trying a version out on a document: at once where its text is there, else as soon as it is."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from documents.models import Document, DocumentFile, SandboxRun
from documents.models.document_file import Priority
from documents.reading import REASONS
from documents.services import reading
from documents.services.trying import try_document
from documents.tests.factories import (
    fail_document,
    let_lease_run_out,
    make_document,
    make_unreadable_document,
    make_waiting_document,
    pages,
    read_document,
    take,
)
from prompts.exceptions import InvalidInput, NoActiveVersion
from prompts.models import PromptRequest, PromptVersion
from prompts.services import execution, lifecycle, recording, submission
from prompts.tests.factories import completed, make_user, make_version

pytestmark = pytest.mark.django_db


def started(document: Document, version: PromptVersion | None = None, **given: Any) -> PromptRequest:
    version = version or make_version("Read this: {{input}}")
    values: dict[str, Any] = {"actor": make_user(), "prompt_type": "text", "version_number": version.version_number}
    return try_document(document=document, **values | given)


def refusal(**given: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        started(**given)
    assert not PromptRequest.objects.exists()
    return caught.value


def now(request: PromptRequest) -> PromptRequest:
    request.refresh_from_db()
    return request


def test_a_document_that_was_read_is_asked_about_at_once() -> None:
    request = started(make_document(text="Total 12.00\fPage two"))
    assert request.prompt_text == "Read this: Total 12.00\n\nPage two"
    assert (request.is_sandbox, request.awaits_text, request.status) == (True, False, "pending")
    assert SandboxRun.objects.get().request_id == request.pk


@pytest.mark.django_db(transaction=True)
def test_a_document_that_is_still_read_is_asked_about_when_its_text_is_there() -> None:
    document = make_waiting_document()
    request = started(document)
    assert (request.awaits_text, request.prompt_text, execution.claim(1, worker="w")) == (True, "", [])
    read_document(document, "Total 12.00")
    assert (now(request).awaits_text, request.prompt_text) == (False, "Read this: Total 12.00")
    assert [claim.request_id for claim in execution.claim(1, worker="w")] == [request.pk]


def test_several_that_wait_for_one_file_all_get_its_text() -> None:
    document = make_waiting_document()
    other = make_document(file=document.file)
    requests = [started(document), started(other), started(document)]
    read_document(document, "Total")
    assert {now(request).prompt_text for request in requests} == {"Read this: Total"}


def test_a_document_that_can_not_be_read_is_refused_in_words() -> None:
    error = refusal(document=make_unreadable_document(reason="encrypted"))
    assert (set(error.errors), str(error.message)) == ({"file"}, str(REASONS["encrypted"]))


def test_a_document_that_turns_out_to_be_unreadable_ends_the_request_and_shows_on_the_version() -> None:
    document, version = make_waiting_document(), make_version("Read this: {{input}}")
    request = started(document, version)
    fail_document(document, "broken")
    assert (now(request).status, request.error_class) == ("failed", "unreadable_document")
    assert request.error_message == str(REASONS["broken"])
    version.refresh_from_db()
    assert "unreadable_document" in str(version.test_result_json)


def test_a_file_that_no_worker_outlives_ends_what_waits_for_it() -> None:
    document = make_waiting_document()
    request = started(document)
    for _ in range(reading.MAX_ATTEMPTS):
        take(document)
        let_lease_run_out(document.file)
        reading.sweep()
    assert (now(request).status, request.error_message) == ("failed", str(REASONS["crashed"]))


def test_a_cancelled_request_stays_cancelled_when_the_text_comes() -> None:
    document = make_waiting_document()
    request = started(document)
    submission.cancel(request.pk)
    read_document(document)
    assert (now(request).status, request.prompt_text) == ("cancelled", "")


def test_a_file_that_somebody_waits_for_is_read_first() -> None:
    document = make_waiting_document()
    started(document)
    assert DocumentFile.objects.get(pk=document.file_id).priority == Priority.PERSON


@pytest.mark.django_db(transaction=True)
def test_the_answer_goes_to_the_version_that_it_began_with() -> None:
    document = make_waiting_document()
    old, new = make_version("Old: {{input}}"), make_version("New: {{input}}")
    lifecycle.activate_version("text", old.version_number, actor=make_user())
    request = started(document, version_number=None)
    lifecycle.activate_version("text", new.version_number, actor=make_user())
    read_document(document, "Total")
    (claim,) = execution.claim(1, worker="w")
    recording.record([completed(claim, '{"total": 1}')])
    old.refresh_from_db()
    new.refresh_from_db()
    assert now(request).prompt_text == "Old: Total"
    assert old.test_result_json is not None
    assert new.test_result_json is None


def test_a_version_that_was_deleted_meanwhile_still_gets_its_text() -> None:
    document, version = make_waiting_document(), make_version("Read this: {{input}}")
    request = started(document, version)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    read_document(document, "Total")
    assert now(request).prompt_text == "Read this: Total"


def test_without_an_active_version_it_says_so() -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False, activated_at=None)
    with pytest.raises(NoActiveVersion):
        started(make_document(), version_number=None)


def test_other_placeholders_are_filled_by_variables() -> None:
    version = make_version("In {{language}}: {{input}}")
    document = make_waiting_document()
    request = started(document, version, variables={"language": "Thai"})
    read_document(document, "Total")
    assert now(request).prompt_text == "In Thai: Total"


@pytest.mark.parametrize("variables", [{}, {"unknown": "x"}, {"input": "x", "language": "y", "tone": "z"}])
def test_wrong_variables_are_told_before_the_text_is_there(variables: dict[str, str]) -> None:
    version = make_version("In {{language}}: {{input}}, {{tone}}")
    error = refusal(document=make_waiting_document(), version=version, variables=variables)
    assert set(error.errors) == {"variables"}
    assert not SandboxRun.objects.exists()


def test_a_text_that_is_too_long_for_a_prompt_ends_the_request_with_the_reason() -> None:
    document = make_waiting_document()
    request = started(document)
    read_document(document, "x" * (1 << 21))
    assert (now(request).status, request.error_class) == ("failed", "invalid_input")
    assert "1 MB" in request.error_message


@pytest.mark.django_db(transaction=True)
def test_the_end_of_the_reading_is_never_missed() -> None:
    """Reading ends at any moment around the question: each request gets its text."""
    version, user = make_version("Read this: {{input}}"), make_user()
    requests = []
    for _ in range(15):
        document = make_waiting_document(user)
        claim = take(document)
        finisher = threading.Thread(target=_finish, args=(claim,))
        finisher.start()
        requests.append(started(document, version, actor=user))
        finisher.join()
    assert {now(request).prompt_text for request in requests} == {"Read this: Total"}


def _finish(claim: reading.Reading) -> None:
    try:
        assert reading.finish(claim, pages("Total"), 1)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_reading_waits_for_a_question_that_is_being_written() -> None:
    document = make_waiting_document()
    claim = take(document)
    finisher = threading.Thread(target=_finish, args=(claim,))
    with transaction.atomic():
        request = started(document)
        finisher.start()
        finisher.join(0.3)
        assert finisher.is_alive()
    finisher.join(10)
    assert now(request).prompt_text == "Read this: Total"
