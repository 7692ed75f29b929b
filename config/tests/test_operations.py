"""What the page of operations says of the parts that only the whole installation can look at."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config import health, operations
from config.health import NotReady
from documents.services.health import ReadingQueue
from prompts.services import presence
from prompts.tests.admin.conftest import make_staff, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("plain_static_files")]


@pytest.fixture
def manager_page(db: None) -> Client:
    presence.sign("w1@host", slots=500, running=3)
    return signed_in(make_staff("system.manage_all"))


def refusing() -> dict[str, Any]:
    """As a check that finds something."""
    raise NotReady("It is away.")


def page(client: Client) -> str:
    answer = client.get("/admin/operations/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_part_is_shown_and_well(manager_page: Client) -> None:
    shown = page(manager_page)
    assert "All is well" in shown
    names = ("Message broker", "Folder of documents", "Reading of documents", "Audit log")
    assert [name for name in names if name not in shown] == []


def test_a_broker_that_is_away_is_told(manager_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "check_broker", refusing)
    assert "The message broker can&#x27;t be reached" in page(manager_page)


def test_a_folder_that_can_not_be_written_is_told(manager_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.storage.is_writable", lambda: False)
    assert "nothing can be uploaded" in page(manager_page)


def test_documents_that_nobody_reads_are_told(manager_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "reading_queue", lambda: ReadingQueue(4, 0, 900.0))
    assert "A document has been waiting for 15 min 0 s, and nobody reads." in page(manager_page)


def test_entries_of_the_log_that_nobody_seals_are_told(manager_page: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_logs SET at = at - interval '5 minutes'")
        cursor.execute("RESET session_replication_role")
    assert "waiting for their place in the chain for 5 min" in page(manager_page)
