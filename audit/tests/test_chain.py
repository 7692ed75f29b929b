"""Sealing: in order, once, by one process at a time, whatever happens to it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit import chain
from audit.models import AuditEntry, AuditLink, UnsealedEntry
from audit.services import sealing
from audit.services.verification import verify
from audit.tests.factories import append, sealed, sql
from audit.verifier import GENESIS, LATE, WHOLE, link_hash

pytestmark = pytest.mark.django_db(transaction=True)

SEAL_FOREVER = """
import django; django.setup()
from audit import chain
chain.BATCH = 7
print("ready", flush=True)
while True:
    chain.link_waiting(7)
"""


def test_entries_are_linked_in_the_order_of_their_time() -> None:
    entries = [append().pk for _ in range(5)]
    assert sealing.seal() == 5
    assert list(AuditLink.objects.order_by("seq").values_list("seq", "entry")) == list(enumerate(entries, start=1))
    assert UnsealedEntry.objects.count() == 0


def test_each_link_covers_its_entry_and_the_link_before() -> None:
    sealed(3)
    previous = GENESIS
    for link in AuditLink.objects.select_related("entry").order_by("seq"):
        assert bytes(link.prev_hash) == previous
        previous = link_hash(link.seq, previous, bytes(link.entry.content_hash))
        assert bytes(link.hash) == previous


def test_the_first_hash_is_what_it_has_always_been() -> None:
    """What it covers, spelled out; an export of years ago is checked with today's verifier."""
    spelled_out = b"ai-prompt-manager audit link 1\0" + bytes.fromhex("0000000000000001") + bytes(32) + bytes(range(32))
    assert link_hash(1, GENESIS, bytes(range(32))) == hashlib.sha256(spelled_out).digest()


def test_more_than_a_batch_is_sealed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    entries = [append().pk for _ in range(8)]
    assert sealing.seal() == 8
    assert list(AuditLink.objects.order_by("seq").values_list("entry", flat=True)) == entries


def test_an_entry_that_is_committed_late_gets_a_later_place() -> None:
    appended, sealed_meanwhile = threading.Event(), threading.Event()

    def commit_late() -> UUID:
        try:
            with transaction.atomic():
                entry = append()
                appended.set()
                assert sealed_meanwhile.wait(10)
            return entry.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(commit_late)
        assert appended.wait(10)
        younger = append()
        assert sealing.seal() == 1
        sealed_meanwhile.set()
        old = late.result()
    assert sealing.seal() == 1
    assert list(AuditLink.objects.order_by("seq").values_list("entry", flat=True)) == [younger.pk, old]
    assert AuditEntry.objects.get(pk=old).at < AuditEntry.objects.get(pk=younger.pk).at
    assert verify().report.exit_code == 0


def test_only_one_seals_at_a_time() -> None:
    append()
    with transaction.atomic():
        assert chain.lock()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(in_thread_of_its_own).result() == 0
    assert sealing.seal() == 1


def test_many_sealers_and_writers_make_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 5)
    done = threading.Event()

    def write() -> None:
        for _ in range(40):
            append()
        connection.close()

    def keep_sealing() -> int:
        total = 0
        while not done.is_set():
            total += sealing.seal()
        connection.close()
        return total

    with ThreadPoolExecutor(8) as pool:
        sealers = [pool.submit(keep_sealing) for _ in range(4)]
        for writer in [pool.submit(write) for _ in range(4)]:
            writer.result()
        done.set()
        rest = sealing.seal() + sum(sealer.result() for sealer in sealers) + sealing.seal()
    assert rest == 160
    assert verify().report.exit_code == 0
    assert AuditLink.objects.count() == 160


@pytest.mark.serial
def test_a_sealer_that_is_killed_at_any_moment_leaves_a_whole_chain(child_environment: dict[str, str]) -> None:
    killed_at_work = 0
    for _ in range(6):
        for _ in range(60):
            append()
        killed_at_work += kill_a_sealer_at_work(child_environment)
        # What waits to be sealed may be late by now, where the machine is slow.
        assert verify().report.exit_code in {WHOLE, LATE}
    sealing.seal()
    assert killed_at_work > 0
    assert (AuditLink.objects.count(), UnsealedEntry.objects.count()) == (360, 0)
    assert verify().report.exit_code == 0


def kill_a_sealer_at_work(environment: dict[str, str]) -> bool:
    """Whether the process still had something to seal when it was killed."""
    process = subprocess.Popen([sys.executable, "-c", SEAL_FOREVER], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    waiting = UnsealedEntry.objects.count()
    deadline = time.monotonic() + 20
    while UnsealedEntry.objects.count() == waiting and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    return UnsealedEntry.objects.count() > 0


def in_thread_of_its_own() -> int:
    try:
        return sealing.seal()
    finally:
        connection.close()


def test_nothing_to_do_is_found_out_with_one_query(django_assert_num_queries: object) -> None:
    sealed(2)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert sealing.seal_and_checkpoint() == 0


def test_the_trigger_queues_what_is_written_past_the_application() -> None:
    entry = append()
    sql("DELETE FROM audit_unsealed")
    sql("CREATE TEMPORARY TABLE another AS SELECT * FROM audit_logs WHERE id = %s", entry.pk)
    sql("UPDATE another SET id = gen_random_uuid()")
    sql("INSERT INTO audit_logs SELECT * FROM another")
    assert UnsealedEntry.objects.count() == 1
