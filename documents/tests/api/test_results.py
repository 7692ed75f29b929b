"""What came of a batch, over HTTP."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Batch
from documents.services import batches
from documents.tests.batching import answers, make_batch, run, with_fields
from documents.tests.factories import make_document, make_unreadable_document
from prompts import downloads
from prompts.tests.factories import completed

pytestmark = pytest.mark.django_db(transaction=True)

BATCHES = "/api/ai/documents/batches/"
READS = ("results", "results.csv", "results.jsonl", "documents/1")


@pytest.fixture
def finished(owner: Any) -> Batch:
    """Three documents: one with both fields, one that can't be read, one that lacks a field."""
    documents = [
        make_document(owner, "One\fTwo", "=cmd().pdf"),
        make_unreadable_document(owner, "encrypted", "locked.pdf"),
        make_document(owner, "Three", "three.pdf"),
    ]
    batch = make_batch(documents, owner, version_number=with_fields("total", "vendor"))
    fields = iter([{"total": "12.00", "vendor": "=SUM(A1)"}, {"total": 7, "vendor": None}])
    return run(batch, lambda claim: completed(claim, json.dumps(next(fields))))


def path_of(batch: Batch, rest: str) -> str:
    return f"{BATCHES}{batch.pk}/{rest}"


def content_of(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_results_name_what_is_missing_and_keep_what_came(as_owner: APIClient, finished: Batch) -> None:
    first, second, third = as_owner.get(path_of(finished, "results")).json()["data"]
    assert (first["position"], first["document"], first["outcome"]) == (1, "=cmd().pdf", "completed")
    assert (first["fields"], first["missing"]) == ({"total": "12.00", "vendor": "=SUM(A1)"}, [])
    assert (first["problems"], first["error"], first["pageCount"]) == ([], None, 2)
    assert (second["outcome"], second["fields"], second["requestId"]) == ("failed", None, None)
    assert (second["error"]["code"], "password" in second["error"]["message"]) == ("encrypted", True)
    assert (third["fields"], third["missing"]) == ({"total": 7, "vendor": None}, ["vendor"])
    assert [problem["field"] for problem in third["problems"]] == ["total"]
    assert as_owner.get(f"/api/ai/prompts/{first['requestId']}").json()["version_number"] == first["versionNumber"] == 2


def test_results_come_in_parts_and_by_outcome(as_owner: APIClient, finished: Batch) -> None:
    first = as_owner.get(path_of(finished, "results"), {"limit": 2}).json()
    second = as_owner.get(first["next"]).json()
    assert [row["position"] for row in first["data"] + second["data"]] == [1, 2, 3]
    assert second["next"] is None
    failed = as_owner.get(path_of(finished, "results"), {"outcome": "failed"}).json()["data"]
    assert [row["document"] for row in failed] == ["locked.pdf"]


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"after": -1}, {"after": "٣"}, {"outcome": "x"}, {"page": 1}],
)
def test_results_refuse_a_query_that_is_not_understood(as_owner: APIClient, owner: Any, query: dict[str, Any]) -> None:
    answer = as_owner.get(path_of(make_batch(1, owner), "results"), query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(query))


def test_the_csv_holds_a_row_a_document_and_no_formula(as_owner: APIClient, finished: Batch) -> None:
    answer = as_owner.get(path_of(finished, "results.csv"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{finished.pk}.csv"'
    rows = list(csv.DictReader(StringIO(content_of(answer).removeprefix("\ufeff"))))
    assert [row["outcome"] for row in rows] == ["completed", "failed", "completed"]
    assert (rows[0]["document"], rows[0]["vendor"], rows[2]["total"]) == ("'=cmd().pdf", "'=SUM(A1)", "7")


def test_a_line_of_the_json_lines_is_a_row_of_the_results(as_owner: APIClient, finished: Batch) -> None:
    answer = as_owner.get(path_of(finished, "results.jsonl"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jsonl; charset=utf-8")
    lines = [json.loads(line) for line in content_of(answer).splitlines()]
    assert lines == as_owner.get(path_of(finished, "results")).json()["data"]


@pytest.mark.parametrize("accept", ["text/csv", "text/html", "application/json", "image/png"])
def test_a_file_comes_whatever_is_accepted_and_an_error_is_json(
    as_owner: APIClient, as_stranger: APIClient, owner: Any, accept: str
) -> None:
    path = path_of(make_batch(1, owner), "results.csv")
    assert as_owner.get(path, headers={"Accept": accept}).headers["Content-Type"] == "text/csv; charset=utf-8"
    refused = as_stranger.get(path, headers={"Accept": accept})
    assert (refused.status_code, refused.headers["Content-Type"]) == (404, "application/json")


def test_a_documents_pages_stand_beside_its_fields(as_owner: APIClient, finished: Batch) -> None:
    data = as_owner.get(path_of(finished, "documents/1")).json()["data"]
    assert [page["text"] for page in data["document"]["pages"]] == ["One", "Two"]
    assert (data["result"]["position"], data["result"]["fields"]["total"]) == (1, "12.00")


@pytest.mark.parametrize("position", [0, 4, 2**31, 10**30, "x", "-1"])
def test_a_position_that_is_not_there_is_404(as_owner: APIClient, owner: Any, position: Any) -> None:
    assert as_owner.get(path_of(make_batch(3, owner), f"documents/{position}")).status_code == 404


def test_two_batches_are_compared_field_by_field(as_owner: APIClient, owner: Any) -> None:
    old = run(make_batch(2, owner), answers(total="12.00", vendor="A"))
    new = run(batches.rerun(old.pk, actor=owner), answers(total="12.00", vendor="B"))
    data = as_owner.get(path_of(old, "compare"), {"with": str(new.pk)}).json()["data"]
    assert (data["documents"], data["unfinished"], data["changed"]) == (2, 0, 2)
    counts = {field["field"]: field for field in data["fields"]}
    assert (counts["total"]["same"], counts["vendor"]["changed"]) == (2, 2)
    first = data["changes"][0]
    assert (first["oldPosition"], first["newPosition"]) == (1, 1)
    assert first["changes"] == [{"field": "vendor", "old": "A", "new": "B"}]


@pytest.mark.parametrize("query", [{}, {"with": "x"}, {"with": "x", "field": "y"}, {"with": "١" * 36}])
def test_a_comparison_names_what_it_lacks(as_owner: APIClient, owner: Any, query: dict[str, str]) -> None:
    answer = as_owner.get(path_of(make_batch(1, owner), "compare"), query)
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)


def test_a_batch_is_not_compared_with_a_strangers(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    mine, theirs = make_batch(1, owner), make_batch(1, stranger)
    assert as_owner.get(path_of(mine, "compare"), {"with": str(theirs.pk)}).status_code == 404
    assert as_owner.get(path_of(theirs, "compare"), {"with": str(mine.pk)}).status_code == 404


@pytest.mark.parametrize("rest", READS)
def test_a_strangers_results_are_not_there(as_stranger: APIClient, as_admin: APIClient, owner: Any, rest: str) -> None:
    path = path_of(make_batch(1, owner), rest)
    assert [client.get(path).status_code for client in (as_stranger, as_admin)] == [404, 200]


def test_slow_readers_of_results_leave_most_threads_to_others(
    as_owner: APIClient, finished: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "slots", downloads.Slots(2))
    slow = [as_owner.get(path_of(finished, name)) for name in ("results.csv", "results.jsonl")]
    refused = as_owner.get(path_of(finished, "results.csv"))
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    slow[0].close()
    assert as_owner.get(path_of(finished, "results.csv")).status_code == 200
