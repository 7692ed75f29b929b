"""Checkpoints: when they are written, and how they get into the file."""

from __future__ import annotations

import json
import logging
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit import checkpoints, keys
from audit.models import AuditCheckpoint, AuditLink
from audit.services import sealing
from audit.services.verification import verify
from audit.tests.factories import append, as_owner, sealed, sql
from audit.verifier import Checkpoint

pytestmark = pytest.mark.django_db(transaction=True)


def seal(number: int) -> None:
    """So many more links, without a checkpoint that isn't due."""
    for _ in range(number):
        append()
    sealing.seal_and_checkpoint()


def sizes() -> list[int]:
    return list(AuditCheckpoint.objects.order_by("id").values_list("size", flat=True))


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in settings.AUDIT_CHECKPOINT_FILE.read_text().splitlines()]


def make_older(seconds: int) -> None:
    """As if the last checkpoint had been written earlier; its signature is of no interest here."""
    with as_owner():
        sql("UPDATE audit_checkpoints SET at = at - %s", timedelta(seconds=seconds))


def test_an_empty_chain_has_no_checkpoint() -> None:
    assert sealing.checkpoint(at_once=True) is False
    assert sizes() == []


def test_the_first_links_get_a_checkpoint_at_once() -> None:
    seal(2)
    assert sizes() == [2]


def test_further_ones_wait_for_a_minute() -> None:
    seal(1)
    seal(1)
    assert sizes() == [1]
    make_older(checkpoints.SECONDS_BETWEEN)
    sealing.seal_and_checkpoint()
    assert sizes() == [1, 2]


def test_or_for_enough_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LINKS_BETWEEN", 3)
    seal(1)
    seal(2)
    assert sizes() == [1]
    seal(1)
    assert sizes() == [1, 4]


def test_a_chain_that_has_not_grown_gets_none() -> None:
    seal(1)
    make_older(3600)
    sealing.seal_and_checkpoint()
    assert sealing.checkpoint(at_once=True) is False
    assert sizes() == [1]


def test_a_checkpoint_tells_the_end_of_the_chain_and_is_signed() -> None:
    seal(3)
    checkpoint = checkpoints.of_row(AuditCheckpoint.objects.get())
    assert (checkpoint.size, checkpoint.head) == (3, bytes(AuditLink.objects.get(seq=3).hash))
    assert checkpoint.fault(keys.trusted_keys()) == ""


def test_the_file_holds_what_the_table_holds_and_is_for_its_owner_only() -> None:
    sealed(1)
    sealed(1)
    rows = [checkpoints.of_row(row) for row in AuditCheckpoint.objects.order_by("id")]
    assert [Checkpoint.from_dict(line) for line in lines()] == rows
    assert stat.S_IMODE(settings.AUDIT_CHECKPOINT_FILE.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_logged_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.AUDIT_CHECKPOINT_FILE.mkdir()
    seal(2)
    assert sizes() == [2]
    assert [record.levelno for record in caplog.records if "checkpoint" in record.message] == [logging.ERROR]


def test_the_file_catches_up_once_it_can_be_written() -> None:
    settings.AUDIT_CHECKPOINT_FILE.mkdir()
    for _ in range(2):
        append()
        sealing.seal()
        assert sealing.checkpoint(at_once=True) is False
    settings.AUDIT_CHECKPOINT_FILE.rmdir()
    sealed(1)
    assert [line["size"] for line in lines()] == [1, 2, 3]


def test_a_line_that_was_cut_off_swallows_no_other() -> None:
    sealed(1)
    with settings.AUDIT_CHECKPOINT_FILE.open("a") as file:
        file.write('{"at": "20')
    sealed(1)
    written = settings.AUDIT_CHECKPOINT_FILE.read_text().splitlines()
    assert [json.loads(written[number])["size"] for number in (0, 2)] == [1, 2]


def test_a_forged_checkpoint_of_the_table_does_not_get_into_the_file(caplog: pytest.LogCaptureFixture) -> None:
    sealed(1)
    sql("INSERT INTO audit_checkpoints (size, head, at, key_id, signature) VALUES (2, '', now(), 'x', '')")
    sealed(2)
    assert [line["size"] for line in lines()] == [1, 3]
    assert "not signed with a key of this installation" in caplog.text


def test_without_a_key_entries_are_sealed_all_the_same(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    (data_dir / "audit-signing-key").write_text("no key\n")
    seal(2)
    assert (AuditLink.objects.count(), sizes()) == (2, [])
    assert "can't be signed" in caplog.text


def test_an_older_checkpoint_that_comes_again_is_no_new_one(data_dir: Path) -> None:
    """Another machine's file begins with everything that the table has."""
    sealed(1)
    sealed(1)
    checkpoints.copy_to_file(data_dir / "other.jsonl")
    assert (data_dir / "other.jsonl").read_text() == settings.AUDIT_CHECKPOINT_FILE.read_text()
    assert checkpoints.copy_to_file(data_dir / "other.jsonl") == 0
    assert verify().report.exit_code == 0
