"""Entries: written with the change or not at all, and never changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from django.db import IntegrityError, transaction

from audit import log
from audit.exceptions import NotInTransaction
from audit.models import AuditEntry, UnsealedEntry
from audit.origin import Origin, coming_from
from audit.services.verification import verify
from audit.tests.factories import append, as_owner, sealed, sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        log.append("test.done", actor=None)
    assert AuditEntry.objects.count() == 0


def test_what_is_rolled_back_leaves_no_entry_and_nothing_to_seal() -> None:
    with transaction.atomic():
        append()
        transaction.set_rollback(True)
    assert (AuditEntry.objects.count(), UnsealedEntry.objects.count()) == (0, 0)


def test_the_content_is_canonical_and_its_hash_is_stored() -> None:
    entry = AuditEntry.objects.get(pk=append(name="ä", number=7).pk)
    told = json.loads(entry.content)
    assert rfc8785.dumps(told).decode() == entry.content
    assert bytes(entry.content_hash) == hashlib.sha256(entry.content.encode()).digest()
    assert told["details"] == {"name": "ä", "number": 7}


def test_the_entry_tells_where_it_comes_from() -> None:
    with coming_from(Origin("api", "2001:db8::1", "abc")):
        entry = append()
    assert json.loads(entry.content)["origin"] == {
        "address": "2001:db8::1",
        "channel": "api",
        "correlation_id": "abc",
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", ""),
        ("10.0.0.1:80", ""),
        ("", ""),
    ],
)
def test_an_address_is_told_as_it_is_stored_whatever_it_looks_like(given: str, told: str) -> None:
    with coming_from(Origin("api", given)):
        entry = append()
    assert json.loads(entry.content)["origin"]["address"] == told
    assert AuditEntry.objects.get(pk=entry.pk).address == (told or None)
    assert verify().report.exit_code == 0


@pytest.mark.parametrize("value", [0.1, b"x", {1, 2}, object()])
def test_details_that_not_every_reader_writes_alike_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        append(value=value)
    assert AuditEntry.objects.count() == 0


def test_each_entry_waits_for_its_place() -> None:
    entries = {append().pk for _ in range(3)}
    assert set(UnsealedEntry.objects.values_list("pk", flat=True)) == entries


@pytest.mark.parametrize("table", ["audit_logs", "audit_links", "audit_checkpoints"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_what_was_written(table: str, change: str) -> None:
    sealed(1)
    column = {"audit_logs": "action", "audit_links": "seq", "audit_checkpoints": "size"}[table]
    with pytest.raises(IntegrityError, match="append-only"):
        sql(change.format(table, column, column))
    assert sql(f"SELECT count(*) FROM {table}") == [(1,)]


def test_the_attacks_of_these_tests_get_past_that() -> None:
    sealed(1)
    with as_owner():
        sql("DELETE FROM audit_checkpoints")
    assert sql("SELECT count(*) FROM audit_checkpoints") == [(0,)]
    assert sql("SHOW session_replication_role") == [("origin",)]
