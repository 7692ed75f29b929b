"""The audit log over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit import log, origin
from audit.models import AuditCheckpoint, AuditEntry, AuditLink
from audit.origin import Origin
from prompts.models import PromptType
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin

pytestmark = pytest.mark.django_db
LOG = "/api/audit/"


@pytest.fixture
def admin() -> APIClient:
    return client_of(make_admin())


def record(action: str = "thing.done", *, actor: Any = None, channel: str = "api", **values: Any) -> AuditEntry:
    """An entry as a change would leave it."""
    with transaction.atomic(), origin.coming_from(Origin(channel, "192.0.2.1", "call-1")):
        return log.append(action, actor=actor, **values)


def seal(entry: AuditEntry, seq: int = 1) -> AuditLink:
    """A place in the chain; whether the hashes fit doesn't matter here."""
    now = datetime.now(UTC)
    return AuditLink.objects.create(seq=seq, entry=entry, prev_hash=b"\0" * 32, hash=b"\xab" * 32, sealed_at=now)


def actions(client: APIClient, query: str = "") -> list[str]:
    """What the list shows of the entries of these tests."""
    answer = client.get(f"{LOG}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["action"] for row in answer.json()["results"] if row["action"].startswith("thing.")]


def test_an_entry_shows_who_did_what_to_what_and_from_where(admin: APIClient) -> None:
    ann, kind = make_user("ann"), PromptType.objects.get(slug="text")
    entry = record(actor=ann, target=kind, details={"reason": "why not"})
    seal(entry, seq=17)
    shown = admin.get(LOG, {"action": "thing.done"}).json()["results"]
    assert shown == [
        {
            "id": str(entry.pk),
            "at": entry.at.isoformat().replace("+00:00", "Z"),
            "actor": {"id": ann.pk, "username": "ann"},
            "action": "thing.done",
            "target": {"type": "prompts.prompttype", "id": str(kind.pk), "label": str(kind)},
            "origin": {"channel": "api", "address": "192.0.2.1", "correlation_id": "call-1"},
            "details": {"reason": "why not"},
            "seq": 17,
            "content_hash": entry.content_hash.hex(),
            "hash": "ab" * 32,
        }
    ]


def test_an_entry_without_actor_target_and_place_says_so_with_null(admin: APIClient) -> None:
    record()
    (shown,) = admin.get(LOG, {"action": "thing.done"}).json()["results"]
    assert (shown["actor"], shown["target"], shown["seq"], shown["hash"]) == (None, None, None, None)
    assert shown["details"] == {}


def test_the_newest_entry_comes_first(admin: APIClient) -> None:
    for number in range(3):
        record(f"thing.{number}")
    assert actions(admin) == ["thing.2", "thing.1", "thing.0"]


def test_pages_go_through_all_entries_once(admin: APIClient) -> None:
    for number in range(7):
        record(f"thing.{number}")
    seen: list[str] = []
    address: str | None = f"{LOG}?page_size=2"
    while address:
        page = admin.get(address).json()
        seen += [row["action"] for row in page["results"]]
        address = page["next"]
    assert [action for action in seen if action.startswith("thing.")] == [f"thing.{n}" for n in range(6, -1, -1)]
    assert len(seen) == AuditEntry.objects.count()


def test_filters_narrow_the_list(admin: APIClient) -> None:
    ann, kind = make_user("ann"), PromptType.objects.get(slug="text")
    record("thing.plain")
    record("thing.by_ann", actor=ann)
    record("thing.on_type", target=kind)
    record("thing.in_console", channel="admin")
    assert actions(admin, "action=thing.plain") == ["thing.plain"]
    assert actions(admin, "actor=ann") == ["thing.by_ann"]
    assert actions(admin, f"actor={ann.pk}") == ["thing.by_ann"]
    assert actions(admin, "target_type=prompts.prompttype") == ["thing.on_type"]
    assert actions(admin, f"target_type=prompts.prompttype&target_id={kind.pk}") == ["thing.on_type"]
    assert actions(admin, "target_type=prompts.prompttype&target_id=0") == []
    assert actions(admin, "channel=admin") == ["thing.in_console"]
    assert actions(admin, "actor=ann&channel=admin") == []


def test_what_an_account_did_is_found_by_the_name_that_it_has_now(admin: APIClient) -> None:
    ann = make_user("ann")
    record(actor=ann)
    ann.username = "anna"
    ann.save()
    assert actions(admin, "actor=anna") == ["thing.done"]
    assert admin.get(LOG, {"actor": "ann"}).status_code == 400


def test_what_a_deleted_account_did_is_found_by_its_id(admin: APIClient) -> None:
    ann = make_user("ann")
    record(actor=ann)
    identifier = ann.pk
    ann.delete()
    assert actions(admin, f"actor={identifier}") == ["thing.done"]


def test_since_and_until_hold_the_beginning_and_not_the_end(admin: APIClient) -> None:
    at = record().at
    later = at + timedelta(microseconds=1)
    assert actions(admin, f"since={quote(at.isoformat())}") == ["thing.done"]
    assert actions(admin, f"since={quote(later.isoformat())}") == []
    assert actions(admin, f"until={quote(at.isoformat())}") == []
    assert actions(admin, f"until={quote(later.isoformat())}") == ["thing.done"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("colour=red", "colour"),
        ("content__regex=(a%2B)%2B", "content__regex"),
        ("ordering=-id", "ordering"),
        ("actor=nobody", "actor"),
        ("actor=99999999999999999999999", "actor"),
        ("actor=%D9%A1", "actor"),
        ("actor=a%00b", "actor"),
        ("action=%00", "action"),
        (f"action={'x' * 101}", "action"),
        ("channel=telepathy", "channel"),
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("target_id=5", "target_id"),
        ("target_type=%00", "target_type"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("cursor=%27%20OR%201=1", "cursor"),
        ("cursor=cD15ZXN0ZXJkYXk=", "cursor"),
    ],
)
def test_what_the_list_does_not_understand_is_refused_by_name(admin: APIClient, query: str, named: str) -> None:
    answer = admin.get(f"{LOG}?{query}")
    assert answer.status_code == 400, answer.content
    assert named in answer.json()["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "action=%27%20OR%20%271%27%3D%271",
        "action=thing.%25",
        "target_type=prompts.prompttype&target_id=1%20OR%201%3D1",
        "target_type=%F0%9F%98%80%ED%A0%80",
        "actor=922337203685477580",
        "since=9999-12-31T23:59:59Z",
    ],
)
def test_what_nobody_has_done_is_an_empty_list(admin: APIClient, query: str) -> None:
    record()
    assert actions(admin, query) == []


def test_the_list_needs_as_many_queries_for_fifty_entries_as_for_one(admin: APIClient) -> None:
    seal(record(actor=make_user()), 1)
    admin.get(LOG)
    with CaptureQueriesContext(connection) as few:
        admin.get(LOG)
    for number in range(2, 50):
        seal(record(actor=make_user()), number)
    with CaptureQueriesContext(connection) as many:
        assert len(admin.get(LOG).json()["results"]) == 50
    assert len(many) == len(few)


def test_an_entry_that_somebody_made_unreadable_does_not_break_the_list(admin: APIClient) -> None:
    entry = record(details={"reason": "x"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_logs SET content = 'no JSON' WHERE id = %s", [entry.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    (shown,) = admin.get(LOG, {"action": "thing.done"}).json()["results"]
    assert shown["details"] == {}
    assert shown["content_hash"] == entry.content_hash.hex()


def test_the_state_tells_how_far_the_chain_goes(admin: APIClient) -> None:
    seal(record(), 1)
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    AuditCheckpoint.objects.create(size=1, head=b"\xab" * 32, at=at, key_id="feed", signature=b"\0" * 64)
    state = admin.get("/api/audit/state").json()
    assert state.pop("oldest_waiting_seconds") >= 0
    assert state == {
        "size": 1,
        "head": "ab" * 32,
        "waiting": AuditEntry.objects.count(),
        "checkpoint": {"size": 1, "at": "2026-01-02T03:04:05Z", "key_id": "feed"},
    }


def test_before_the_first_checkpoint_there_is_none(admin: APIClient) -> None:
    assert admin.get("/api/audit/state").json()["checkpoint"] is None


@pytest.mark.parametrize("path", [LOG, "/api/audit/state"])
def test_only_who_manages_everything_reads_the_log(path: str) -> None:
    record(details={"reason": "secret"})
    for client, status in ((client_of(), 401), (client_of(make_user(is_staff=True)), 403)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "secret" not in answer.text
        assert set(answer.json()) == {"message", "userMessage", "recoveryAction"}


def test_reading_the_log_writes_nothing_to_it(admin: APIClient) -> None:
    before = AuditEntry.objects.count()
    admin.get(LOG)
    assert AuditEntry.objects.count() == before


def test_details_in_any_script_are_shown_as_they_were_told(admin: APIClient) -> None:
    details = {"กล่อง": "صندوق", "nested": [{"a": None}, True, 3]}
    record(details=details)
    (shown,) = admin.get(LOG, {"action": "thing.done"}).json()["results"]
    assert shown["details"] == details
    assert json.loads(AuditEntry.objects.get(action="thing.done").content)["details"] == details
