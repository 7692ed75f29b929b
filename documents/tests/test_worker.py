"""The readers in this process, against real PostgreSQL and with real children."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from unittest.mock import patch

import psutil
import pytest
from django.db import DataError, OperationalError, connection

from documents import storage, tasks, underway, worker
from documents.models import Document, DocumentFile
from documents.readers import Readers
from documents.reading import Interrupted, Limits, Unreadable
from documents.services import driving, leases, reading
from documents.services.trying import try_document
from documents.tests.factories import let_lease_run_out, page, upload
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)

BACKENDS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def quick(settings) -> None:
    settings.POLL_SECONDS = 0.05
    settings.HEARTBEAT_SECONDS = 0.1
    settings.SWEEP_SECONDS = 0.1


@pytest.fixture
def running(quick: None) -> Iterator[None]:
    worker.start()
    yield
    worker.stop()


class Child:
    """Stands for the child process: reads until it is told what comes out."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.go = threading.Event()
        self.error: Exception | None = None
        self.interrupted = 0

    def read(self, path, *, limits, on_page, stop):
        on_page(page(1, "one"), 2)
        self.started.release()
        while not self.go.wait(0.01):
            if stop.is_set():
                self.interrupted += 1
                raise Interrupted
        if self.error:
            raise self.error
        return [page(1, "one"), page(2, "two")]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    child = Child()
    monkeypatch.setattr(underway, "read", child.read)
    return child


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def state(document: Document) -> str:
    return DocumentFile.objects.values_list("state", flat=True).get(pk=document.file_id)


def file_of(document: Document) -> DocumentFile:
    return DocumentFile.objects.get(pk=document.file_id)


def test_an_uploaded_file_is_read_by_a_child_and_its_text_stored(running: None) -> None:
    document = upload("Total 12.00\nThank you")
    wait_for(lambda: state(document) == "read")
    assert "Total 12.00" in reading.text_of(document.file)
    assert file_of(document).milliseconds


def test_a_file_that_can_not_be_read_says_why(running: None) -> None:
    document = upload(b"%PDF-1.7\nnothing else")
    wait_for(lambda: state(document) == "failed")
    assert file_of(document).error_code == "broken"


def test_a_try_out_gets_the_text_of_its_document(running: None) -> None:
    version = make_version("Read: {{input}}")
    number = version.version_number
    request = try_document(actor=make_user(), prompt_type="text", version_number=number, document=upload("Total 12"))
    wait_for(lambda: type(request).objects.get(pk=request.pk).prompt_text.strip() == "Read: Total 12")


def test_as_many_are_read_at_once_as_there_are_slots(quick: None, child: Child, settings) -> None:
    settings.READER_SLOTS = 3
    documents = [upload() for _ in range(5)]
    worker.start()
    wait_for(lambda: sum(state(document) == "reading" for document in documents) == 3)
    time.sleep(0.2)
    assert sum(state(document) == "pending" for document in documents) == 2
    child.go.set()
    wait_for(lambda: all(state(document) == "read" for document in documents))
    worker.stop()


def test_how_far_it_is_shows_while_it_is_read(running: None, child: Child) -> None:
    document = upload()
    wait_for(lambda: (file_of(document).page_count, file_of(document).pages_read) == (2, 1))
    child.go.set()
    wait_for(lambda: (state(document), file_of(document).pages_read) == ("read", 2))


def test_the_lease_is_kept_as_long_as_it_takes(running: None, child: Child, settings) -> None:
    settings.LEASE_SECONDS = 0.5
    document = upload()
    child.started.acquire()
    time.sleep(1.2)
    child.go.set()
    wait_for(lambda: state(document) == "read")
    assert file_of(document).attempts == 1


def test_a_reading_that_lost_its_lease_is_broken_off(running: None, child: Child) -> None:
    document = upload()
    child.started.acquire()
    with patch.object(leases, "reader_name", return_value="another"):
        DocumentFile.objects.filter(pk=document.file_id).update(lease_token=100)
        wait_for(lambda: child.interrupted == 1)
    let_lease_run_out(document.file)
    child.go.set()
    wait_for(lambda: state(document) == "read")
    assert file_of(document).attempts == 2


def test_a_file_of_a_vanished_worker_is_read_by_another(running: None) -> None:
    with patch.object(reading, "claim", return_value=[]):
        time.sleep(0.2)
        document = upload("Total 12.00")
    DocumentFile.objects.filter(pk=document.file_id, state="pending").update(
        state="reading", attempts=1, lease_token=7, lease_expires_at=document.created_at
    )
    wait_for(lambda: state(document) == "read")


def test_stopping_ends_the_children_and_gives_the_files_back_at_once(running: None) -> None:
    with patch.object(underway, "read", side_effect=_sleeping_child):
        document = upload()
        wait_for(lambda: bool(_sleepers()))
        started = time.monotonic()
        worker.stop()
    assert time.monotonic() - started < 3
    assert not _sleepers()
    assert (state(document), file_of(document).attempts) == ("pending", 0)


def _sleeping_child(path, *, limits, on_page, stop):
    process = psutil.Popen(["sleep", "987654"])
    try:
        while not stop.wait(0.02):
            pass
        raise Interrupted
    finally:
        process.kill()
        process.wait()


def _sleepers() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if _is_sleep(one)]


def _is_sleep(process: psutil.Process) -> bool:
    """One that has just ended is none any more."""
    try:
        return bool(process.name() == "sleep")
    except psutil.NoSuchProcess:
        return False


def test_what_has_ended_when_it_is_stopped_is_written(child: Child) -> None:
    document = upload()
    reader = Readers(lambda: None)
    reader.step()
    child.go.set()
    reader.close()
    assert state(document) == "read"


def test_a_missing_disk_is_no_fault_of_the_file(quick: None, settings, tmp_path, caplog) -> None:
    settings.LEASE_SECONDS = 1
    document = upload("Total 12.00")
    path = storage.path_of(document.file.sha256)
    away = path.rename(tmp_path / "away")
    worker.start()
    wait_for(lambda: "could not be read here" in caplog.text)
    assert state(document) == "reading"
    away.rename(path)
    wait_for(lambda: state(document) == "read")
    worker.stop()


def test_a_result_waits_for_postgresql_to_come_back(running: None, child: Child) -> None:
    document = upload()
    child.started.acquire()
    with patch.object(reading, "finish", side_effect=OperationalError("gone")) as finish:
        child.go.set()
        wait_for(lambda: finish.call_count > 1)
    wait_for(lambda: state(document) == "read")
    assert file_of(document).attempts == 1


def test_a_text_that_postgresql_can_not_hold_fails_alone(running: None, child: Child) -> None:
    child.go.set()
    with patch.object(reading, "finish", side_effect=DataError("no")):
        document = upload()
        wait_for(lambda: state(document) == "failed")
    other = upload()
    wait_for(lambda: state(other) == "read")
    assert file_of(document).error_code == "crashed"


def test_an_error_in_the_writing_of_one_file_keeps_no_other_from_being_written(running: None, child: Child) -> None:
    child.go.set()
    with patch.object(reading, "finish", side_effect=ZeroDivisionError):
        first = upload()
        wait_for(lambda: state(first) == "reading")
        time.sleep(0.3)
    second = upload()
    wait_for(lambda: state(second) == "read")
    let_lease_run_out(first.file)
    wait_for(lambda: state(first) == "read")


def test_a_reason_is_kept_and_the_next_file_read(running: None, child: Child) -> None:
    child.error = Unreadable("out_of_memory")
    child.go.set()
    document = upload()
    wait_for(lambda: state(document) == "failed")
    assert file_of(document).error_code == "out_of_memory"
    child.error = None
    other = upload()
    wait_for(lambda: state(other) == "read")


def test_the_loss_of_its_connection_is_outlived(running: None) -> None:
    first = upload("one")
    wait_for(lambda: state(first) == "read")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT bool_and(pg_terminate_backend(pid)) {BACKENDS}")
    second = upload("two")
    wait_for(lambda: state(second) == "read")


def test_a_message_wakes_it_at_once(settings) -> None:
    settings.POLL_SECONDS = 60
    worker.start()
    time.sleep(0.3)
    document = upload("Total 12.00")
    time.sleep(0.3)
    assert state(document) == "pending"
    tasks.look_for_work()
    wait_for(lambda: state(document) != "pending")
    # What ends is written at once, too.
    wait_for(lambda: state(document) == "read", 10)
    worker.stop()


def test_batches_are_driven_beside_the_reading(running: None) -> None:
    with patch.object(driving, "step", return_value=False) as step:
        wait_for(lambda: step.call_count > 2)


def test_an_error_of_a_batch_does_not_stop_the_reading(running: None, caplog: pytest.LogCaptureFixture) -> None:
    with patch.object(driving, "step", side_effect=ZeroDivisionError):
        document = upload("Total")
        wait_for(lambda: state(document) == "read")
        wait_for(lambda: "a step failed" in caplog.text)
    with patch.object(driving, "step", return_value=False) as step:
        wait_for(lambda: step.call_count > 2)


def test_it_leaves_neither_thread_nor_connection(quick: None) -> None:
    worker.start()
    wait_for(lambda: _backends() >= 2)
    worker.stop()
    assert not {"documents", "batches"} & {thread.name for thread in threading.enumerate()}
    wait_for(lambda: _backends() == 0)


def _backends() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {BACKENDS}")
        return (cursor.fetchone() or (0,))[0]


def test_a_file_whose_pages_need_too_much_side_by_side_is_read_page_by_page(quick, monkeypatch) -> None:
    threads: list[int] = []

    def crowded(path, *, limits, on_page, stop):
        threads.append(limits.threads)
        on_page(page(1, "one"), 2)
        if limits.threads > 1:
            raise Unreadable("out_of_memory")
        return [page(1, "one"), page(2, "two")]

    monkeypatch.setattr(underway, "read", crowded)
    monkeypatch.setattr(underway, "_limits", lambda: Limits(threads=2))
    document = upload()
    worker.start()
    try:
        wait_for(lambda: state(document) == "read")
    finally:
        worker.stop()
    assert threads == [2, 1]


def test_a_file_that_needs_too_much_memory_for_one_page_has_failed(quick, monkeypatch) -> None:
    def bomb(path, *, limits, on_page, stop):
        raise Unreadable("out_of_memory")

    monkeypatch.setattr(underway, "read", bomb)
    document = upload()
    worker.start()
    try:
        wait_for(lambda: state(document) == "failed")
    finally:
        worker.stop()
    document.file.refresh_from_db()
    assert (document.file.error_code, document.file.attempts) == ("out_of_memory", 1)
