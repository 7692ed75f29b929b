"""The audit log in the console."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditCheckpoint, AuditEntry
from audit.services import sealing
from audit.services.state import ChainState
from config.auditing.display import state_context
from config.tests.test_audit_api import record, seal
from prompts.models import PromptType
from prompts.tests.factories import make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]
LIST = "/admin/audit/auditentry/"
SCRIPT = "<script>alert(1)</script>"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def staff(*codenames: str) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in(user)


@pytest.fixture
def manager() -> Client:
    return staff("manage_all", "view_user")


def page_of(entry: AuditEntry) -> str:
    return reverse("admin:audit_auditentry_change", args=[entry.pk])


@pytest.mark.parametrize(
    ("codenames", "status"),
    [(["manage_all"], 200), (["view_auditentry"], 200), (["view_promptrequest"], 403), ([], 403)],
)
def test_managers_and_auditors_see_the_log_and_nobody_else(codenames: list[str], status: int) -> None:
    entry = record()
    page = staff(*codenames)
    assert (page.get(LIST).status_code, page.get(page_of(entry)).status_code) == (status, status)


def test_nobody_adds_changes_or_deletes_an_entry() -> None:
    entry = record()
    page = signed_in(make_user(is_staff=True, is_superuser=True))
    before = AuditEntry.objects.count()
    statuses = {
        page.get(f"{LIST}add/").status_code,
        page.post(f"{LIST}add/", {"action": "forged"}).status_code,
        page.post(page_of(entry), {"action": "forged"}).status_code,
        page.post(page_of(entry).replace("change", "delete"), {"post": "yes"}).status_code,
    }
    page.post(LIST, {"action": "delete_selected", "_selected_action": [str(entry.pk)], "post": "yes"})
    assert statuses == {403}
    assert AuditEntry.objects.count() == before


def test_the_list_shows_who_did_what_to_what(manager: Client) -> None:
    kind = PromptType.objects.get(slug="text")
    entry = record(actor=make_user("ann"), target=kind, channel="admin")
    seal(entry, seq=1234)
    text = manager.get(LIST, {"action": "thing.done"}).text
    for shown in ("ann", "thing.done", "192.0.2.1", "1,234"):
        assert shown in text
    assert reverse("admin:prompts_prompttype_change", args=[kind.pk]) in text
    assert page_of(entry) in text


def test_the_page_of_an_entry_shows_all_of_it(manager: Client) -> None:
    entry = record(actor=make_user("ann"), details={"reason": "because", "กล่อง": "صندوق"})
    seal(entry, seq=7)
    text = manager.get(page_of(entry)).text
    for shown in ("ann", "because", "กล่อง", "صندوق", "call-1", str(entry.pk), entry.content_hash.hex(), "ab" * 32):
        assert shown in text
    assert "Matches the content" in text


def test_an_entry_without_a_place_says_that_it_waits(manager: Client) -> None:
    assert "waits for its place" in manager.get(page_of(record())).text


def test_an_entry_that_was_changed_is_shown_as_such(manager: Client) -> None:
    entry = record(details={"amount": 5})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_logs SET content = replace(content, '5', '6') WHERE id = %s", [entry.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert "the entry was changed" in manager.get(page_of(entry)).text


def test_what_its_reader_may_not_open_is_shown_without_a_link(manager: Client) -> None:
    """The log tells auditors of everything, and they may look at accounts, but not at requests."""
    reader = make_user(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_auditentry", "view_user"]))
    ann, request = make_user("ann"), make_request()
    record(target=request)
    record(target=ann)
    names = {"prompts_promptrequest": request, "system_user": ann}
    links = [reverse(f"admin:{name}_change", args=[row.pk]) for name, row in names.items()]
    seen = [[link in page.get(LIST).text for link in links] for page in (manager, signed_in(reader))]
    assert seen == [[True, True], [False, True]]


def test_everything_that_people_have_named_is_escaped(manager: Client) -> None:
    ann, kind = make_user("ann"), PromptType.objects.create(slug="evil", label=SCRIPT)
    ann.username = SCRIPT
    entry = record(SCRIPT, actor=ann, target=kind, details={SCRIPT: SCRIPT})
    for address in (LIST, page_of(entry), f"{LIST}?action={SCRIPT}", f"{LIST}?q={SCRIPT}"):
        text = manager.get(address).text
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("target_type", ["auth.nothing", "no dots", "../..", "sessions.session", "a.b.c"])
def test_what_the_console_has_no_page_for_is_shown_without_a_link(manager: Client, target_type: str) -> None:
    entry = record()
    AuditEntry.objects.bulk_create(
        [AuditEntry(at=entry.at, action="thing.odd", target_type=target_type, target_label="odd", content="{}")]
    )
    odd = AuditEntry.objects.get(action="thing.odd")
    text = manager.get(page_of(odd)).text
    assert "<bdi>odd</bdi>" in text
    assert "><bdi>odd</bdi></a>" not in text


def test_an_entry_is_found_by_its_id_and_by_its_number(manager: Client) -> None:
    entry, other = record("thing.wanted"), record("thing.other")
    seal(entry, seq=42)
    for term in (str(entry.pk), entry.pk.hex, "42"):
        text = manager.get(LIST, {"q": term}).text
        assert page_of(entry) in text
        assert page_of(other) not in text


@pytest.mark.parametrize("term", ["nothing", "9" * 30, "%00", "'; --", "٤٢", "01990000-0000-7000-8000-000000000009"])
def test_a_search_for_anything_else_finds_nothing(manager: Client, term: str) -> None:
    record()
    assert "0 entries" in manager.get(LIST, {"q": term}).text


@pytest.mark.parametrize(
    "query",
    [
        "action=thing.done",
        "channel=api",
        "actor__exact=1",
        "target_type=prompts.prompttype&target_id=1",
        "at__gte=2026-01-01 00:00:00%2B00:00",
        "action=%00",
        "channel=%27",
        "actor__exact=99999999999999999999999999",
        "at__gte=yesterday",
        "target_id=%00",
        "p=-1",
        "o=9.-9",
    ],
)
def test_the_list_survives_whatever_stands_in_its_address(manager: Client, query: str) -> None:
    record()
    assert manager.get(f"{LIST}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("query", ["content__regex=(a%2B)%2B", "actor__password__startswith=a", "link__hash=1"])
def test_a_filter_that_the_list_does_not_offer_is_refused(manager: Client, query: str) -> None:
    assert manager.get(f"{LIST}?{query}").status_code == 400


def test_the_list_reads_no_contents_and_counts_no_further_than_it_must(manager: Client) -> None:
    record()
    with CaptureQueriesContext(connection) as queries:
        manager.get(LIST)
    statements = [query["sql"] for query in queries]
    assert not any('"audit_logs"."content"' in statement for statement in statements)
    counts = [statement for statement in statements if 'COUNT(*) FROM (SELECT "audit_logs"' in statement]
    assert counts
    assert all("LIMIT 10001" in statement for statement in counts)


@pytest.fixture
def of_three_kinds(monkeypatch: pytest.MonkeyPatch) -> list[AuditEntry]:
    """Newest first: twelve entries, of which every second one is of one action, and every third of one channel."""
    monkeypatch.setattr("prompts.admin.windows.LOOKED_AT", 2)
    kinds = [(("kind.one", "kind.two")[n % 2], ("worker", "api", "api")[n % 3]) for n in range(12)]
    return [record(action, channel=channel) for action, channel in reversed(kinds)][::-1]


BOTH = {"action": "kind.one", "channel": "worker"}


def test_of_two_filters_the_newest_entries_of_the_one_that_picks_fewer_are_looked_at(
    manager: Client, of_three_kinds: list[AuditEntry]
) -> None:
    changelist = manager.get(LIST, BOTH).context["cl"]
    assert changelist.looked_at_since == of_three_kinds[3].at
    assert list(changelist.result_list) == [of_three_kinds[0]]


def test_the_link_to_earlier_entries_leads_through_all_of_them(
    manager: Client, of_three_kinds: list[AuditEntry]
) -> None:
    page = manager.get(LIST, BOTH)
    assert "1 entry among those since <time" in page.text
    earlier = manager.get(LIST + page.context["cl"].earlier).context["cl"]
    assert list(earlier.result_list) == [of_three_kinds[6]]


@pytest.mark.usefixtures("of_three_kinds")
@pytest.mark.parametrize("query", [{}, {"action": "kind.one"}, {"channel": "worker"}, BOTH | {"target_id": "1"}])
def test_where_an_index_leads_to_what_is_shown_all_of_history_is(manager: Client, query: dict[str, str]) -> None:
    assert manager.get(LIST, query).context["cl"].looked_at_since is None


def test_the_state_of_the_chain_stands_above_the_list(manager: Client) -> None:
    seal(record(), seq=1)
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    AuditCheckpoint.objects.create(size=1, head=b"\xab" * 32, at=at, key_id="feed", signature=b"\0" * 64)
    text = manager.get(LIST).text
    for shown in ("State of the chain", "1 entry in the chain", "covers 1 entry", "feed", "verify_audit"):
        assert shown in text


@pytest.mark.parametrize(
    ("values", "verdict", "kind"),
    [
        ({}, "All entries are sealed", "completed"),
        ({"waiting": 2, "oldest_waiting_seconds": 0.5}, "Being sealed", "generating"),
        ({"waiting": 2, "oldest_waiting_seconds": 61.0}, "is a worker running", "failed"),
        ({"checkpoint_size": 11}, "Entries are missing", "failed"),
    ],
)
def test_the_verdict_fits_the_state(values: dict[str, Any], verdict: str, kind: str) -> None:
    whole: dict[str, Any] = {
        "size": 10,
        "head": "ab",
        "waiting": 0,
        "oldest_waiting_seconds": 0.0,
        "checkpoint_size": None,
        "checkpoint_at": None,
        "key_id": None,
    }
    badge = state_context(ChainState(**whole | values))["chain_verdict"]
    assert verdict in badge
    assert f"badge-{kind}" in badge


def test_a_chain_that_was_cut_is_told_at_the_top_of_the_list(manager: Client, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_CHECKPOINT_FILE = tmp_path / "checkpoints"
    record("thing.done")
    sealing.seal()
    sealing.checkpoint(at_once=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_links WHERE seq = (SELECT max(seq) FROM audit_links)")
        cursor.execute("DELETE FROM audit_checkpoints")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert "not as it was signed" in manager.get(LIST).text


def test_an_address_of_no_entry_leads_back(manager: Client) -> None:
    for identifier in (uuid4(), "nothing", "1"):
        assert manager.get(f"{LIST}{identifier}/change/").status_code == 302


def test_an_auditor_who_may_not_see_accounts_gets_no_filter_by_them() -> None:
    assert 'id="user-filter"' not in staff("view_auditentry").get(LIST).text
    assert 'id="user-filter"' in staff("view_auditentry", "view_user").get(LIST).text
