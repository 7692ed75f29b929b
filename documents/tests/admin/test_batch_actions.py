"""Starting batches in the console, and what is done with them afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from audit.models import AuditEntry
from documents.models import Batch, Document
from documents.tests.admin.pages import BATCHES, address, file, levels, run, told
from documents.tests.batching import fails, make_batch
from documents.tests.factories import make_document, make_unreadable_document
from prompts.models import PromptVersion
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db
ADD = f"{BATCHES}add/"


def entries(batch: Batch) -> list[str]:
    rows = AuditEntry.objects.filter(target_type="documents.batch", target_id=str(batch.pk)).order_by("at")
    return list(rows.values_list("action", flat=True))


def names(batch: Batch) -> list[str]:
    return [item.document.name for item in batch.items.order_by("position").select_related("document")]


def test_files_become_a_batch_with_the_active_version(manager: Any, manager_page: Client) -> None:
    page: Any = manager_page.post(
        ADD,
        {"prompt_type": "text", "purpose": "Migration", "uploads": [file("One"), file("Two", "b.txt")]},
        follow=True,
    )
    batch = Batch.objects.get()
    assert (batch.user, batch.purpose, batch.version.version_number) == (manager, "Migration", 1)
    assert names(batch) == ["receipt.txt", "b.txt"]
    assert page.redirect_chain == [(address(batch), 302)]
    assert "The batch has started: 2 documents." in told(page)
    assert entries(batch) == ["batch.created"]


def test_a_version_and_a_model_may_be_named(manager_page: Client) -> None:
    version = make_version()
    given = {"prompt_type": "text", "version_number": version.version_number, "model": "simulator/default"}
    manager_page.post(ADD, given | {"uploads": [file()]})
    batch = Batch.objects.get()
    assert (batch.version, batch.model) == (version, "simulator/default")


def test_a_type_without_an_active_version_starts_nothing_and_says_so(manager_page: Client) -> None:
    PromptVersion.objects.filter(is_active=True).update(is_active=False)
    page = manager_page.post(ADD, {"prompt_type": "text", "uploads": [file()]})
    assert "This prompt type has no active version." in page.text
    assert not Batch.objects.exists()


def test_what_was_uploaded_needs_not_be_uploaded_again_after_a_mistake(manager_page: Client) -> None:
    given = {"prompt_type": "text", "version_number": "77"}
    page = manager_page.post(ADD, given | {"uploads": [file()]})
    assert list(page.context["form"].errors) == ["version_number"]
    assert "1 document chosen already." in page.text
    manager_page.post(ADD, {"prompt_type": "text", "documents": page.context["ids"]})
    assert names(Batch.objects.get()) == ["receipt.txt"]
    assert Document.objects.count() == 1


def test_without_a_document_the_form_asks_for_one(manager_page: Client) -> None:
    page = manager_page.post(ADD, {"prompt_type": "text"})
    assert list(page.context["form"].errors) == ["uploads"]
    page = manager_page.post(ADD, {"prompt_type": "text", "uploads": [file("", "empty.txt")]})
    assert list(page.context["form"].errors) == ["uploads"]
    assert "\u2068empty.txt\u2069: The file is empty." in told(page)


def test_more_documents_than_a_batch_may_have_are_refused_in_words(manager_page: Client, settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 1
    page = manager_page.post(ADD, {"prompt_type": "text", "uploads": [file("One"), file("Two")]})
    assert "A batch holds at most 1 documents." in page.text


def test_nobody_uses_the_document_of_somebody_else() -> None:
    clerk = make_staff("documents.view_batch", "documents.add_batch")
    own, foreign = make_document(clerk), make_document()
    page = signed_in(clerk)
    page.post(ADD, {"prompt_type": "text", "documents": f"{foreign.pk},{own.pk}"})
    assert [item.document for item in Batch.objects.get().items.all()] == [own]
    assert "chosen already" not in page.get(f"{ADD}?documents={foreign.pk}").text


@pytest.mark.parametrize("documents", ["x", ",,,", "%00", "1"])
def test_ids_that_are_none_are_left_out(documents: str, manager_page: Client) -> None:
    assert manager_page.get(f"{ADD}?documents={documents}").status_code == 200
    assert manager_page.post(ADD, {"prompt_type": "text", "documents": documents}).status_code == 200


def test_who_may_only_look_starts_nothing() -> None:
    page = signed_in(make_staff("documents.view_batch"))
    assert page.get(ADD).status_code == 403
    assert page.post(ADD, {"prompt_type": "text", "uploads": [file()]}).status_code == 403


# --- Afterwards -----------------------------------------------------------------------------------


def test_a_batch_is_paused_and_goes_on(manager_page: Client) -> None:
    batch = make_batch()
    for action, state in (("pause", "paused"), ("resume", "running")):
        page = manager_page.post(address(batch, action), follow=True)
        batch.refresh_from_db()
        assert (batch.state, levels(page)) == (state, ["success"])
    assert entries(batch) == ["batch.created", "batch.paused", "batch.resumed"]


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_looking_at_an_address_changes_nothing(action: str, manager_page: Client) -> None:
    assert manager_page.get(address(make_batch(), action)).status_code == 405


def test_a_batch_is_cancelled_once_that_is_confirmed(manager_page: Client) -> None:
    batch = make_batch()
    assert "Do you want to cancel this batch for good?" in manager_page.get(address(batch, "cancel")).text
    batch.refresh_from_db()
    assert batch.state == "running"
    manager_page.post(address(batch, "cancel"))
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_what_can_not_be_done_says_why(manager_page: Client) -> None:
    batch = run(make_batch())
    page = manager_page.post(address(batch, "pause"), follow=True)
    assert levels(page) == ["error"]
    assert entries(batch) == ["batch.created", "batch.finished"]


def test_failed_documents_are_asked_about_again(manager_page: Client) -> None:
    batch = run(make_batch(2), fails())
    assert "Retry failed documents" in manager_page.get(address(batch)).text
    page = manager_page.post(address(batch, "retry"), follow=True)
    batch.refresh_from_db()
    assert batch.state == "running"
    assert "2 documents are asked about again." in told(page)


def test_files_that_stay_unreadable_are_not_asked_about_again(manager_page: Client) -> None:
    batch = run(make_batch([make_unreadable_document(reason="encrypted")]))
    page = manager_page.post(address(batch, "retry"), follow=True)
    assert levels(page) == ["error"]
    assert "however often that is tried" in told(page)


def test_a_batch_is_run_again_with_another_version(manager: Any, manager_page: Client) -> None:
    batch = run(make_batch())
    version = make_version()
    manager_page.post(address(batch, "rerun"), {"version_number": version.version_number})
    again = Batch.objects.get(rerun_of=batch)
    assert (again.version, again.user, names(again)) == (version, manager, names(batch))


def test_a_version_that_is_not_there_is_told_at_its_field(manager_page: Client) -> None:
    page = manager_page.post(address(make_batch(), "rerun"), {"version_number": "77"})
    assert list(page.context["form"].errors) == ["version_number"]
    assert Batch.objects.count() == 1


def test_only_what_can_be_done_is_offered(manager_page: Client) -> None:
    offered = manager_page.get(address(make_batch())).context["can"]
    assert offered == {"pause": True, "resume": False, "cancel": True, "retry": False}
    offered = manager_page.get(address(run(make_batch(), fails()))).context["can"]
    assert offered == {"pause": False, "resume": False, "cancel": False, "retry": True}


def test_a_person_steers_their_own_batch() -> None:
    clerk = make_staff("documents.view_batch")
    batch = make_batch(user=clerk)
    assert levels(signed_in(clerk).post(address(batch, "pause"), follow=True)) == ["success"]
    assert signed_in(make_user(is_staff=True)).post(address(batch, "resume")).status_code == 403


def test_who_did_it_is_remembered_by_the_overview(manager: Any, manager_page: Client) -> None:
    manager_page.post(ADD, {"prompt_type": "text", "uploads": [file()]})
    batch = Batch.objects.get()
    manager_page.post(address(batch, "pause"))
    lines = LogEntry.objects.filter(object_id=str(batch.pk), user=manager).order_by("pk")
    assert [line.get_change_message() for line in lines] == ["Added.", "Changed state."]


def test_what_was_refused_is_not_remembered_as_done(manager_page: Client) -> None:
    manager_page.post(address(run(make_batch()), "pause"))
    assert not LogEntry.objects.exists()


def test_what_no_second_try_can_mend_is_offered_none(manager_page: Client) -> None:
    batch = run(make_batch([make_unreadable_document(reason="encrypted")]))
    assert manager_page.get(address(batch)).context["can"]["retry"] is False
