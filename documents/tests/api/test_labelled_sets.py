"""Labelled sets by the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Batch, Document, LabelledSet
from documents.tests.api.uploading import a_file, an_archive, send
from documents.tests.factories import make_document
from documents.tests.measuring import make_set
from prompts.tests.personas import client_of

SETS = "/api/ai/documents/sets/"
ID = "01990000-0000-7000-8000-00000000000A"
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("get", SETS, {}),
    ("post", SETS, {"name": "receipts", "documents": [{"document": ID, "fields": {"a": "1"}}]}),
    ("get", f"{SETS}receipts", {}),
    ("post", f"{SETS}receipts/run", {"promptType": "text"}),
    ("get", f"{SETS}receipts/accuracy", {}),
    ("get", f"{SETS}receipts/accuracy/{ID}", {}),
    ("get", "/api/ai/prompts/text/gate", {}),
    ("put", "/api/ai/prompts/text/gate", {"labelledSet": "receipts", "threshold": 0.9}),
    ("delete", "/api/ai/prompts/text/gate", {}),
]


def create(client: APIClient, *labelled: tuple[Document, dict[str, Any]], name: str = "receipts") -> Any:
    rows = [{"document": str(document.pk), "fields": fields} for document, fields in labelled]
    return client.post(SETS, {"name": name, "documents": rows})


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_only_who_manages_everything_gets_there(
    as_owner: APIClient, owner: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    make_set(1, user=owner)
    statuses = [getattr(client, method)(path, body).status_code for client in (client_of(), as_owner)]
    assert statuses == [401, 403]


def test_documents_that_are_here_become_a_set(as_admin: APIClient, admin: Any) -> None:
    document = make_document(admin, name="slip.pdf")
    answer = create(as_admin, (document, {"total": "1.00", "tip": None}))
    made = LabelledSet.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{SETS}receipts?revision=1")
    assert answer.json() == {
        "data": {
            "name": "receipts",
            "revision": 1,
            "contentSha256": made.content_sha256,
            "documentCount": 1,
            "createdBy": "admin",
            "createdAt": made.created_at.isoformat().replace("+00:00", "Z"),
        },
        "refused": [],
    }
    shown = as_admin.get(answer.headers["Location"]).json()
    assert shown["data"] == answer.json()["data"]
    assert shown["documents"] == [
        {
            "position": 1,
            "document": str(document.pk),
            "name": "slip.pdf",
            "fields": {"total": "1.00", "tip": None},
        }
    ]


def test_files_that_come_with_their_labels_become_a_set(as_admin: APIClient) -> None:
    form = {
        "name": "receipts",
        "labels": a_file("file,total\na.txt,1.00\nb.txt,2.00\n", "labels.csv"),
        "files": [a_file("Total 1.00", "a.txt"), a_file(b"\x7fELF\x02\x00\x01", "program.bin")],
        "archive": an_archive(b="Total 2.00", c="Total 3.00"),
    }
    answer = send(as_admin, SETS, form)
    assert answer.status_code == 201, answer.content
    assert [row["name"] for row in answer.json()["refused"]] == ["program.bin"]
    shown = as_admin.get(f"{SETS}receipts").json()["documents"]
    assert [(row["name"], row["fields"]) for row in shown] == [
        ("a.txt", {"total": "1.00"}),
        ("b.txt", {"total": "2.00"}),
    ]


def test_labels_that_can_not_be_used_take_no_file_in(as_admin: APIClient) -> None:
    form = {"name": "receipts", "labels": a_file("x", "labels.csv"), "files": [a_file("Total 1.00", "a.txt")]}
    answer = send(as_admin, SETS, form)
    assert (answer.status_code, list(answer.json()["errors"]), Document.objects.count()) == (400, ["labels"], 0)


def test_the_same_key_makes_one_set_only(as_admin: APIClient, admin: Any) -> None:
    body = {"name": "receipts", "documents": [{"document": str(make_document(admin).pk), "fields": {"a": "1"}}]}
    first, again = (as_admin.post(SETS, body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "r", "documents": []}, "documents"),
        ({"name": "r", "documents": [{"document": "x", "fields": {}}]}, "documents.0.document"),
        ({"name": "r", "documents": [{"document": ID, "fields": []}]}, "documents.0.fields"),
        ({"name": "r", "documents": [{"document": ID, "fields": {"a": "1"}}]}, "documents"),
        ({"name": "r", "documents": [{"document": ID, "fields": {}, "more": 1}]}, "documents.0.more"),
    ],
)
def test_what_can_not_be_a_set_is_refused_at_its_field(as_admin: APIClient, body: dict[str, Any], field: str) -> None:
    answer = as_admin.post(SETS, {"documents": [{"document": ID, "fields": {"a": "1"}}]} | body)
    assert (answer.status_code, LabelledSet.objects.count()) == (400, 0)
    assert field in answer.json()["errors"]


def test_what_can_not_be_a_name_is_refused(as_admin: APIClient, admin: Any) -> None:
    answer = create(as_admin, (make_document(admin), {"a": "1"}), name="Receipts")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])


def test_fields_that_can_not_be_expected_are_named(as_admin: APIClient, admin: Any) -> None:
    answer = create(as_admin, (make_document(admin, name="slip.pdf"), {"a": {"b": 1}}))
    assert answer.status_code == 400
    assert "slip.pdf: a: expected is a text" in answer.json()["errors"]["labels"][0]


def test_a_set_is_shown_in_parts(as_admin: APIClient) -> None:
    make_set(5)
    first = as_admin.get(f"{SETS}receipts?limit=3").json()
    second = as_admin.get(first["next"]).json()
    positions = [[row["position"] for row in part["documents"]] for part in (first, second)]
    assert (positions, second["next"]) == ([[1, 2, 3], [4, 5]], None)


def test_the_list_shows_every_revision_newest_first(as_admin: APIClient) -> None:
    make_set(1)
    make_set(2)
    rows = as_admin.get(SETS).json()["data"]
    assert [(row["name"], row["revision"], row["documentCount"]) for row in rows] == [
        ("receipts", 2, 2),
        ("receipts", 1, 1),
    ]


@pytest.mark.parametrize("path", ["none", "receipts?revision=2", "none/accuracy", "receipts/accuracy/" + ID])
def test_what_is_not_there_is_not_found(as_admin: APIClient, path: str) -> None:
    make_set(1)
    assert as_admin.get(SETS + path).status_code == 404


@pytest.mark.parametrize("query", ["revision=0", "revision=x", "limit=0", "after=-1", "more=1"])
def test_a_query_that_can_not_be_is_refused(as_admin: APIClient, query: str) -> None:
    make_set(1)
    answer = as_admin.get(f"{SETS}receipts?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_a_run_is_a_batch_over_the_set(as_admin: APIClient) -> None:
    old = make_set(1)
    make_set(2)
    answer = as_admin.post(f"{SETS}receipts/run", {"promptType": "text", "versionNumber": 1, "revision": 1})
    batch = Batch.objects.get()
    assert (answer.status_code, batch.labelled_set) == (201, old)
    assert answer.headers["Location"] == f"/api/ai/documents/batches/{batch.pk}"
    assert answer.json()["data"]["labelledSet"] == {"name": "receipts", "revision": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"promptType": "none"}, 400),
        ({"promptType": "text", "versionNumber": 9}, 400),
        ({"promptType": "text", "versionNumber": "1"}, 400),
        ({"promptType": "text", "revision": 2}, 404),
        ({"promptType": "text", "more": 1}, 400),
    ],
)
def test_a_run_that_can_not_be_starts_nothing(as_admin: APIClient, body: dict[str, Any], status: int) -> None:
    make_set(1)
    answer = as_admin.post(f"{SETS}receipts/run", body)
    assert (answer.status_code, Batch.objects.count()) == (status, 0)
    assert json.dumps(answer.json())
