"""Claiming files to read, keeping them, and writing what came out: by whoever holds the lease, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from documents.models import DocumentFile
from documents.models.document_file import Priority
from documents.reading import REASONS
from documents.services import leases, reading
from documents.services.reading import Progress, Reading
from documents.tests.factories import let_lease_run_out, make_file, page, pages

pytestmark = pytest.mark.django_db


def waiting(**values: Any) -> DocumentFile:
    return make_file("pending", **values)


def claimed() -> tuple[DocumentFile, Reading]:
    file = waiting()
    (claim,) = reading.claim(1)
    return file, claim


def now(file: DocumentFile) -> DocumentFile:
    file.refresh_from_db()
    return file


def texts(file: DocumentFile) -> list[str]:
    return [one.text for one in file.pages.order_by("number")]


def test_a_claim_takes_the_file_and_tells_what_to_read() -> None:
    file, claim = claimed()
    assert (claim.file_id, claim.sha256) == (file.pk, file.sha256)
    assert (now(file).state, file.attempts, file.lease_token) == ("reading", 1, claim.token)


def test_what_is_claimed_is_not_claimed_again() -> None:
    claimed()
    assert reading.claim(10) == []


def test_no_more_are_claimed_than_asked_for() -> None:
    for _ in range(3):
        waiting()
    assert len(reading.claim(2)) == 2


def test_files_that_a_person_waits_for_come_first_then_the_oldest() -> None:
    first, second = waiting(), waiting()
    urgent = waiting(priority=Priority.PERSON)
    order = [claim.file_id for _ in range(3) for claim in reading.claim(1)]
    assert order == [urgent.pk, first.pk, second.pk]


def test_a_file_for_another_reader_is_left_to_it_for_a_while() -> None:
    waiting(reader="another")
    assert reading.claim(1) == []


def test_a_file_for_a_reader_that_never_comes_is_read_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    old = Now() - timedelta(seconds=leases.OTHER_READER_SECONDS + 1)
    file = waiting(reader="another", created_at=old)
    assert [claim.file_id for claim in reading.claim(1)] == [file.pk]
    assert "brought in for another" in caplog.text


def test_what_was_read_is_stored_page_by_page() -> None:
    file, claim = claimed()
    given = [page(1, "one", confidence=80), page(2, "two", source="layer", confidence=None)]
    assert reading.finish(claim, given, 1234)
    assert (now(file).state, file.page_count, file.pages_read, file.milliseconds) == ("read", 2, 2, 1234)
    assert file.read_at is not None
    assert [(one.number, one.text, one.source, one.confidence) for one in file.pages.order_by("number")] == [
        (1, "one", "ocr", 80),
        (2, "two", "layer", None),
    ]


def test_the_text_of_a_file_is_its_pages_in_order() -> None:
    file, claim = claimed()
    reading.finish(claim, [page(2, "two"), page(1, "one")], 1)
    assert reading.text_of(file) == "one\n\ntwo"


def test_why_a_file_can_not_be_read_is_kept() -> None:
    file, claim = claimed()
    assert reading.fail(claim, "encrypted", 5)
    assert (now(file).state, file.error_code) == ("failed", "encrypted")
    assert reading.reason_text(file) == str(REASONS["encrypted"])


def test_a_file_that_can_be_read_has_no_reason() -> None:
    assert reading.reason_text(make_file("read")) == ""


@pytest.mark.parametrize("end", ["finish", "fail"])
def test_who_lost_the_lease_writes_nothing(end: str) -> None:
    file, claim = claimed()
    let_lease_run_out(file)
    reading.sweep()
    (other,) = reading.claim(1)
    done = reading.finish(claim, pages("stale"), 1) if end == "finish" else reading.fail(claim, "broken")
    assert (done, now(file).state, texts(file)) == (False, "reading", [])
    assert reading.finish(other, pages("fresh"), 1)
    assert texts(file) == ["fresh"]


def test_a_result_is_written_once() -> None:
    file, claim = claimed()
    assert reading.finish(claim, pages("one"), 1)
    assert not reading.finish(claim, pages("two"), 1)
    assert texts(file) == ["one"]


def test_a_heartbeat_renews_the_lease_and_shows_the_progress() -> None:
    file, claim = claimed()
    let_lease_run_out(file)
    assert reading.heartbeat({claim: Progress(7, 3)}) == set()
    assert (now(file).page_count, file.pages_read) == (7, 3)
    assert reading.sweep() == 0


def test_a_heartbeat_tells_which_leases_are_lost() -> None:
    lost_file, lost = claimed()
    let_lease_run_out(lost_file)
    reading.sweep()
    _file, kept = claimed_other(lost_file)
    assert reading.heartbeat({lost: Progress(), kept: Progress()}) == {lost}


def claimed_other(than: DocumentFile) -> tuple[DocumentFile, Reading]:
    file = waiting(priority=Priority.PERSON)
    (claim,) = reading.claim(1)
    assert claim.file_id != than.pk
    return file, claim


def test_a_file_whose_worker_vanished_is_read_again() -> None:
    file, claim = claimed()
    let_lease_run_out(file)
    assert reading.sweep() == 1
    assert (now(file).state, file.attempts) == ("pending", 1)
    assert file.lease_token > claim.token


def test_a_lease_that_holds_is_left_alone() -> None:
    file, _claim = claimed()
    assert (reading.sweep(), now(file).state) == (0, "reading")


def test_a_file_that_its_workers_never_outlive_fails_in_the_end() -> None:
    file = waiting()
    for _ in range(reading.MAX_ATTEMPTS):
        assert reading.claim(1)
        let_lease_run_out(file)
        reading.sweep()
    assert (now(file).state, file.error_code) == ("failed", "crashed")
    assert reading.claim(1) == []


def test_what_a_shutdown_gives_back_is_taken_at_once_and_counts_as_no_attempt() -> None:
    file, claim = claimed()
    assert reading.release([claim]) == 1
    assert (now(file).state, file.attempts) == ("pending", 0)
    assert reading.claim(1) != [claim]


def test_only_who_holds_a_lease_can_give_it_back() -> None:
    file, claim = claimed()
    let_lease_run_out(file)
    reading.sweep()
    reading.claim(1)
    assert (reading.release([claim]), now(file).state) == (0, "reading")


def test_a_long_file_is_stored_in_few_statements(django_assert_max_num_queries) -> None:
    _file, claim = claimed()
    with django_assert_max_num_queries(14):
        reading.finish(claim, pages("\f".join(str(number) for number in range(1000))), 1)


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_claim_the_same_file() -> None:
    for _ in range(40):
        waiting()

    def work() -> list[int]:
        try:
            taken: list[int] = []
            while claims := reading.claim(3):
                taken += [claim.file_id for claim in claims]
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        taken = [file for future in [pool.submit(work) for _ in range(6)] for file in future.result()]
    assert len(taken) == len(set(taken)) == 40
