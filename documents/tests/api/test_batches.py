"""Starting batches, steering them, and seeing how far they are."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from rest_framework.test import APIClient

from audit.models import AuditEntry
from documents.models import Batch, Document
from documents.services import batches, driving, intake
from documents.tests.api.uploading import a_file, an_archive, send
from documents.tests.batching import make_batch
from documents.tests.factories import make_document, make_unreadable_document, make_waiting_document
from prompts.models import PromptRequest, PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version
from prompts.tests.personas import client_of

BATCHES = "/api/ai/documents/batches/"
MODEL = "simulator/default"
STEPS = ("pause", "resume", "cancel", "retry", "rerun")


def names_in(batch: Batch) -> list[str]:
    return [item.document.name for item in batch.items.select_related("document").order_by("position")]


def start(client: APIClient, *documents: Document, **given: Any) -> Any:
    ids = [str(document.pk) for document in documents]
    return client.post(BATCHES, {"promptType": "text", "model": MODEL, "documents": ids} | given)


def test_a_batch_starts_over_documents_that_are_here(as_owner: APIClient, owner: Any) -> None:
    documents = [make_document(owner, name=f"{number}.pdf") for number in range(2)]
    answer = start(as_owner, *reversed(documents), purpose="Receipts of May")
    assert answer.status_code == 201, answer.content
    batch = Batch.objects.get()
    assert answer.headers["Location"] == f"{BATCHES}{batch.pk}"
    assert names_in(batch) == ["1.pdf", "0.pdf"]
    data = answer.json()["data"]
    assert (data["id"], data["user"], data["promptType"], data["versionNumber"]) == (str(batch.pk), "owner", "text", 1)
    assert (data["model"], data["purpose"], data["state"]) == (MODEL, "Receipts of May", "running")
    assert (data["pauseReason"], data["pauseMessage"], data["rerunOf"], data["labelledSet"]) == ("", "", None, None)
    assert answer.json()["refused"] == []


def test_a_batch_tells_where_its_documents_are(as_owner: APIClient, owner: Any) -> None:
    documents = [make_document(owner), make_waiting_document(owner), make_unreadable_document(owner)]
    path = start(as_owner, *documents).headers["Location"]
    driving.step()
    progress = as_owner.get(path).json()["data"]["progress"]
    assert progress == {
        "total": 3,
        "reading": 1,
        "waiting": 0,
        "asking": 1,
        "completed": 0,
        "failed": 1,
        "cancelled": 0,
        "cost": None,
        "secondsLeft": None,
    }


def test_a_batch_stays_with_its_version_whatever_is_activated(as_owner: APIClient, owner: Any) -> None:
    path = start(as_owner, make_document(owner)).headers["Location"]
    version = make_version("Later: {{input}}")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    assert as_owner.get(path).json()["data"]["versionNumber"] == 1


def test_another_version_can_be_named(as_owner: APIClient, owner: Any) -> None:
    make_version("Read: {{input}}")
    assert start(as_owner, make_document(owner), versionNumber=2).json()["data"]["versionNumber"] == 2


def test_without_an_active_version_nothing_starts_and_it_says_so(as_owner: APIClient, owner: Any) -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    answer = start(as_owner, make_document(owner))
    assert (answer.status_code, answer.json()["userMessage"]) == (409, "This prompt type has no active version.")
    assert not Batch.objects.exists()


def test_somebody_elses_document_is_not_there_for_a_batch(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    theirs = make_document(stranger)
    answer = start(as_owner, make_document(owner), theirs)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["documents"])
    assert str(theirs.pk) in answer.json()["message"]
    assert not Batch.objects.exists()


def test_who_manages_all_may_use_everybodys_documents(as_admin: APIClient, owner: Any) -> None:
    assert start(as_admin, make_document(owner)).status_code == 201


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"promptType": "poem"}, ["promptType"]),
        ({"promptType": 1}, ["promptType"]),
        ({"versionNumber": 99}, ["versionNumber"]),
        ({"versionNumber": "1"}, ["versionNumber"]),
        ({"versionNumber": 2**63}, ["versionNumber"]),
        ({"model": "nobody/knows"}, ["model"]),
        ({"purpose": "x" * 501}, ["purpose"]),
        ({"documents": []}, ["documents"]),
        ({"documents": "x"}, ["documents"]),
        ({"documents": ["x"]}, ["documents.0"]),
        ({"state": "finished"}, ["state"]),
        ({"labelledSet": "receipts"}, ["labelledSet"]),
        ({"source": "/etc"}, ["source"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_batch_that_cannot_run_is_refused_under_the_names_of_its_body(
    as_owner: APIClient, owner: Any, given: dict[str, Any], names: list[str]
) -> None:
    answer = start(as_owner, make_document(owner), **given)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not Batch.objects.exists()


def test_a_batch_starts_over_files_and_an_archive_that_come_with_it(as_owner: APIClient, owner: Any) -> None:
    files = [a_file("one", "one.txt"), a_file("two", "two.txt")]
    form = {"promptType": "text", "model": MODEL, "files": files, "archive": an_archive(three="3", four="4")}
    answer = send(as_owner, BATCHES, form)
    assert answer.status_code == 201, answer.content
    assert names_in(Batch.objects.get()) == ["one.txt", "two.txt", "three.txt", "four.txt"]
    assert answer.json()["data"]["progress"]["reading"] == 4
    assert set(Document.objects.values_list("user", flat=True)) == {owner.pk}


def test_a_file_that_is_refused_stops_no_other(as_owner: APIClient) -> None:
    files = [a_file(b"\x7fELF\x00", "virus.pdf"), a_file("Total", "good.txt")]
    answer = send(as_owner, BATCHES, {"promptType": "text", "model": MODEL, "files": files, "versionNumber": "1"})
    assert answer.status_code == 201, answer.content
    assert names_in(Batch.objects.get()) == ["good.txt"]
    (refused,) = answer.json()["refused"]
    assert (refused["name"], "can't be read" in refused["message"]) == ("virus.pdf", True)


def test_an_archive_among_the_files_is_told_where_it_belongs(as_owner: APIClient) -> None:
    files = [an_archive(a="Total 1"), a_file("Total", "good.txt")]
    answer = send(as_owner, BATCHES, {"promptType": "text", "model": MODEL, "files": files, "versionNumber": "1"})
    (refused,) = answer.json()["refused"]
    assert refused["message"] == "This is a ZIP archive. Send it as “archive”: each file in it becomes a document."


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, ["files"]),
        ({"files": [a_file(b"\x7fELF\x00", "a.pdf"), a_file(b"\x7fELF\x00", "b.pdf")]}, ["files"]),
        ({"archive": a_file(b"no archive", "x.zip")}, ["archive"]),
        ({"files": [a_file(b"")]}, ["files.0"]),
        ({"files": [a_file()], "versionNumber": "one"}, ["versionNumber"]),
        ({"files": [a_file()], "versionNumber": "99"}, ["versionNumber"]),
        ({"files": [a_file()], "promptType": "poem"}, ["promptType"]),
        ({"files": [a_file()], "documents": "x"}, ["documents"]),
    ],
    ids=["nothing", "programs", "archive", "empty", "number", "version", "type", "documents"],
)
def test_a_form_that_starts_no_batch_is_refused(as_owner: APIClient, form: dict[str, Any], names: list[str]) -> None:
    answer = send(as_owner, BATCHES, {"promptType": "text", "model": MODEL} | form)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)
    assert not Batch.objects.exists()
    assert not Document.objects.exists()


def test_without_an_active_version_no_file_is_taken_in(as_owner: APIClient) -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    assert send(as_owner, BATCHES, {"promptType": "text", "files": [a_file()]}).status_code == 409
    assert not Document.objects.exists()


def test_one_key_starts_one_batch(as_owner: APIClient) -> None:
    def form() -> dict[str, Any]:
        return {"promptType": "text", "model": MODEL, "files": [a_file("one"), a_file("two")]}

    first, second = (send(as_owner, BATCHES, form(), key="k") for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    assert (Batch.objects.count(), Document.objects.count()) == (1, 2)
    assert send(as_owner, BATCHES, form() | {"files": [a_file("two"), a_file("one")]}, key="k").status_code == 422


def test_a_batch_is_paused_and_goes_on(as_owner: APIClient, owner: Any) -> None:
    path = f"{BATCHES}{make_batch(1, owner).pk}"
    paused = as_owner.post(f"{path}/pause").json()["data"]
    assert (paused["state"], paused["pauseReason"], paused["pauseMessage"]) == ("paused", "by_hand", "Paused by hand")
    driving.step()
    assert not PromptRequest.objects.exists()
    assert as_owner.post(f"{path}/resume").json()["data"]["state"] == "running"
    driving.step()
    assert PromptRequest.objects.count() == 1


def test_a_cancelled_batch_ends_its_requests_and_stays_cancelled(as_owner: APIClient, owner: Any) -> None:
    path = f"{BATCHES}{make_batch(2, owner).pk}"
    driving.step()
    cancelled = as_owner.post(f"{path}/cancel").json()["data"]
    assert (cancelled["state"], cancelled["progress"]["cancelled"]) == ("cancelled", 2)
    assert set(PromptRequest.objects.values_list("status", flat=True)) == {"cancelled"}
    assert [as_owner.post(f"{path}/{step}").status_code for step in ("pause", "resume", "retry")] == [409, 409, 409]


def test_who_steers_a_batch_stands_in_the_log(as_admin: APIClient, admin: Any, owner: Any) -> None:
    batch = make_batch(1, owner)
    as_admin.post(f"{BATCHES}{batch.pk}/pause")
    entry = AuditEntry.objects.get(action="batch.paused")
    assert (entry.actor_id, entry.target_id) == (admin.pk, str(batch.pk))


def test_a_retry_says_how_many_documents_it_is_about(as_owner: APIClient, owner: Any) -> None:
    document = make_unreadable_document(owner, "crashed")
    batch = make_batch([document, make_document(owner)], owner)
    driving.step()
    answer = as_owner.post(f"{BATCHES}{batch.pk}/retry")
    assert (answer.status_code, answer.json()["retried"]) == (200, 1), answer.content
    assert answer.json()["data"]["progress"]["failed"] == 0


def test_a_rerun_is_a_batch_of_its_own_over_the_same_documents(as_owner: APIClient, owner: Any) -> None:
    make_version("Read: {{input}}", model=MODEL)
    before = make_batch(2, owner, purpose="May")
    answer = as_owner.post(f"{BATCHES}{before.pk}/rerun", {"versionNumber": 2})
    assert answer.status_code == 201, answer.content
    data = answer.json()["data"]
    assert answer.headers["Location"] == f"{BATCHES}{data['id']}"
    assert (data["rerunOf"], data["versionNumber"], data["purpose"]) == (str(before.pk), 2, "May")
    assert names_in(Batch.objects.get(pk=data["id"])) == names_in(before)


@pytest.mark.parametrize(
    ("body", "names"), [({"versionNumber": 99}, ["versionNumber"]), ({"purpose": "x"}, ["purpose"])]
)
def test_a_rerun_that_cannot_be_is_refused(
    as_owner: APIClient, owner: Any, body: dict[str, Any], names: list[str]
) -> None:
    answer = as_owner.post(f"{BATCHES}{make_batch(1, owner).pk}/rerun", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, names)


def test_one_key_reruns_once(as_owner: APIClient, owner: Any) -> None:
    path = f"{BATCHES}{make_batch(1, owner).pk}/rerun"
    first, second = (as_owner.post(path, {}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (second.json(), Batch.objects.count()) == (first.json(), 2)


@pytest.mark.parametrize("step", STEPS[:4])
def test_a_step_takes_no_body(as_owner: APIClient, owner: Any, step: str) -> None:
    answer = as_owner.post(f"{BATCHES}{make_batch(1, owner).pk}/{step}", {"state": "finished"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["state"])


def test_a_list_holds_ones_own_with_their_progress(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    ids = [str(make_batch(number, user).pk) for number, user in [(1, owner), (2, stranger), (3, owner)]]
    rows = as_owner.get(BATCHES).json()["data"]
    assert [(row["id"], row["progress"]["total"]) for row in rows] == [(ids[2], 3), (ids[0], 1)]


def test_a_list_can_be_narrowed(as_owner: APIClient, as_admin: APIClient, owner: Any) -> None:
    paused, other = make_batch(1, owner), make_batch(1, owner, prompt_type="code")
    batches.pause(paused.pk, actor=owner)
    for query, found in [({"state": "paused"}, [paused]), ({"prompt_type": "code"}, [other])]:
        assert [row["id"] for row in as_owner.get(BATCHES, query).json()["data"]] == [str(row.pk) for row in found]
    assert as_admin.get(BATCHES).json()["data"] == []
    assert len(as_admin.get(BATCHES, {"scope": "all"}).json()["data"]) == 2
    assert as_owner.get(BATCHES, {"scope": "all"}).status_code == 403


def test_a_list_costs_the_same_however_long_it_is(
    as_owner: APIClient, owner: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_batch(2, owner)
    with django_assert_max_num_queries(5):
        as_owner.get(BATCHES)


def test_a_strangers_batch_is_not_there(as_stranger: APIClient, as_admin: APIClient, owner: Any) -> None:
    path = f"{BATCHES}{make_batch(1, owner).pk}"
    assert [as_stranger.post(f"{path}/{step}", {}).status_code for step in STEPS] == [404] * 5
    assert [as_stranger.get(f"{BATCHES}{pk}").status_code for pk in (path[-36:], UUID(int=1))] == [404, 404]
    assert as_admin.get(path).status_code == 200
    assert Batch.objects.get().state == "running"


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_archive_with_a_key_never_block_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    make_version("text")
    files = {f"file{number}": f"text {number}" for number in range(20)}
    archives = [an_archive(**dict(order)) for order in (files.items(), reversed(files.items()))]
    meeting = threading.Barrier(2)
    take_in = intake.take_in

    def together(**given: Any) -> Any:
        meeting.wait(10)
        return take_in(**given)

    monkeypatch.setattr(intake, "take_in", together)

    def send_one(number: int) -> int:
        form = {"promptType": "text", "model": MODEL, "archive": archives[number]}
        try:
            status: int = send(client_of(make_user(f"sender{number}")), BATCHES, form, key="one").status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send_one, range(2))) == [201, 201]
    assert (Batch.objects.count(), Document.objects.count()) == (2, 40)
