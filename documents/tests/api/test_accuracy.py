"""Accuracies and gates by the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import AuditEntry
from documents.models import AccuracyGate
from documents.tests.measuring import make_set, measured
from prompts.tests.factories import make_version

SETS = "/api/ai/documents/sets/"
GATE = "/api/ai/prompts/text/gate"
pytestmark = pytest.mark.django_db


def put(client: APIClient, **body: Any) -> Any:
    return client.put(GATE, {"labelledSet": "receipts", "threshold": 0.9} | body)


def test_an_accuracy_is_shown_with_counts_shares_and_intervals(as_admin: APIClient) -> None:
    run = measured(make_set(4), 3)
    share = {"correct": 3, "total": 4, "value": 0.75, "low": 0.3006, "high": 0.9544}
    assert as_admin.get(f"{SETS}receipts/accuracy").json()["data"] == [
        {
            "batch": str(run.pk),
            "promptType": "text",
            "versionNumber": run.version.version_number,
            "model": "simulator/default",
            "labelledSet": {"name": "receipts", "revision": 1},
            "contentSha256": run.content_sha256,
            "documents": 4,
            "unanswered": 0,
            "right": share,
            "exact": share,
            "byField": [{"field": "total", "right": share, "exact": share}],
            "createdAt": run.created_at.isoformat().replace("+00:00", "Z"),
        }
    ]


def test_the_worst_documents_are_shown_with_what_was_expected_and_came(as_admin: APIClient) -> None:
    run = measured(make_set(3), 2)
    answer = as_admin.get(f"{SETS}receipts/accuracy/{run.pk}").json()
    (worst,) = answer["worst"]
    assert answer["data"]["batch"] == str(run.pk)
    assert (worst["position"], worst["outcome"], worst["wrong"]) == (3, "completed", 1)
    assert worst["fields"] == [{"field": "total", "expected": "3.00", "given": "0.00", "right": False, "exact": False}]


def test_accuracies_are_found_by_type_version_and_revision_newest_first(as_admin: APIClient) -> None:
    labelled_set = make_set(2)
    first, second = measured(labelled_set, 1), measured(labelled_set, 2)

    def batches(query: str) -> list[str]:
        return [row["batch"] for row in as_admin.get(f"{SETS}receipts/accuracy{query}").json()["data"]]

    assert batches("") == [str(second.pk), str(first.pk)]
    assert batches("?limit=1") == [str(second.pk)]
    assert batches(f"?promptType=text&versionNumber={first.version.version_number}") == [str(first.pk)]
    assert batches("?promptType=code") == []
    make_set(1)
    assert (batches(""), batches("?revision=1&limit=1")) == ([], [str(second.pk)])


def test_a_run_on_another_set_is_not_found_there(as_admin: APIClient) -> None:
    run = measured(make_set(2), 1)
    make_set(1, name="others")
    assert as_admin.get(f"{SETS}others/accuracy/{run.pk}").status_code == 404


def test_a_gate_is_set_shown_and_cleared(as_admin: APIClient) -> None:
    labelled_set = make_set(4)
    answer = put(as_admin)
    gate = AccuracyGate.objects.get()
    assert answer.status_code == 200, answer.content
    assert {
        name: answer.json()["data"][name] for name in ("promptType", "labelledSet", "contentSha256", "threshold")
    } == {
        "promptType": "text",
        "labelledSet": {"name": "receipts", "revision": 1},
        "contentSha256": labelled_set.content_sha256,
        "threshold": 0.9,
    }
    assert (gate.labelled_set, str(gate.threshold)) == (labelled_set, "0.900")
    assert as_admin.get(GATE).json() == answer.json()
    assert as_admin.delete(GATE).status_code == 204
    assert as_admin.get(GATE).status_code == as_admin.delete(GATE).status_code == 404
    actions = AuditEntry.objects.filter(action__startswith="gate.").order_by("at").values_list("action", flat=True)
    assert list(actions) == ["gate.set", "gate.cleared"]


def test_a_gate_shows_how_a_version_stands_before_it(as_admin: APIClient) -> None:
    run = measured(make_set(4), 3)
    put(as_admin)
    standing = as_admin.get(f"{GATE}?versionNumber={run.version.version_number}").json()["data"]["standing"]
    assert standing | {"message": ""} == {
        "versionNumber": run.version.version_number,
        "model": "simulator/default",
        "reached": False,
        "message": "",
        "share": {"correct": 3, "total": 4, "value": 0.75, "low": 0.3006, "high": 0.9544},
        "batch": str(run.pk),
    }
    assert "95 % interval: 30.06 to 95.44 %" in standing["message"]


def test_without_a_number_it_is_the_active_version_that_stands_before_the_gate(as_admin: APIClient) -> None:
    make_set(1)
    standing = put(as_admin).json()["data"]["standing"]
    assert (standing["versionNumber"], standing["reached"], standing["share"], standing["batch"]) == (
        1,
        False,
        None,
        None,
    )


def test_a_type_without_an_active_version_shows_its_gate_alone(as_admin: APIClient) -> None:
    make_version("Read {{ocr_text}}", prompt_type="ocr_extraction").prompt_type.versions.update(is_active=False)
    make_set(1)
    answer = as_admin.put("/api/ai/prompts/ocr_extraction/gate", {"labelledSet": "receipts", "threshold": 0.5})
    assert (answer.status_code, answer.json()["data"]["standing"]) == (200, None)


def test_a_gate_names_an_older_revision_where_it_is_told_to(as_admin: APIClient) -> None:
    old = make_set(1)
    make_set(2)
    put(as_admin, revision=1)
    assert AccuracyGate.objects.get().labelled_set == old


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"threshold": 1.001}, 400),
        ({"threshold": -0.1}, 400),
        ({"threshold": 0.0005}, 400),
        ({"threshold": "NaN"}, 400),
        ({"threshold": "0.5"}, 400),
        ({"threshold": 1e300}, 400),
        ({"threshold": True}, 400),
        ({"threshold": None}, 400),
        ({"labelledSet": 1}, 400),
        ({"more": 1}, 400),
        ({"labelledSet": "none"}, 404),
        ({"revision": 2}, 404),
    ],
)
def test_what_can_not_be_demanded_is_refused(as_admin: APIClient, body: dict[str, Any], status: int) -> None:
    make_set(1)
    assert (put(as_admin, **body).status_code, AccuracyGate.objects.count()) == (status, 0)


def test_a_type_or_version_that_is_not_there_is_not_found(as_admin: APIClient) -> None:
    make_set(1)
    body = {"labelledSet": "receipts", "threshold": 0.5}
    assert as_admin.put("/api/ai/prompts/none/gate", body).status_code == 404
    put(as_admin)
    assert as_admin.get(f"{GATE}?versionNumber=99").status_code == 404
