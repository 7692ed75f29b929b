"""`manage.py migrate_documents`, with a worker's threads in this process."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from documents import storage
from documents.management import following
from documents.management.folders import look_through, source_of
from documents.models import Batch, Document
from documents.services import batches, driving, reading
from documents.services.progress import Progress
from documents.tests.batching import with_fields
from documents.tests.factories import pages
from prompts.engine import Engine
from prompts.models import PromptRequest, PromptResponse, PromptType, PromptVersion
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def superuser() -> Any:
    return make_user("root", is_superuser=True)


@pytest.fixture(autouse=True)
def _looks_often(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.POLL_SECONDS = 0.05
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)


def read_and_drive(stop: threading.Event) -> None:
    """What a worker's threads do for batches, for plain texts."""
    try:
        while not stop.wait(0.02):
            for taken in reading.claim(100):
                reading.finish(taken, pages(storage.path_of(taken.sha256).read_text()), 10)
            driving.step()
    finally:
        connection.close()


@pytest.fixture
def worker() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=read_and_drive, args=(stop,))
    engine = Engine(worker_name="w1", slots=50)
    engine.start()
    thread.start()
    yield
    stop.set()
    thread.join()
    engine.stop(grace=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three texts, one of them in a folder of its own."""
    root = tmp_path / "receipts"
    (root / "more").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "more/a.txt"):
        (root / name).write_text(f"Receipt {name}")
    return root


def answer_with(fields: dict[str, Any]) -> None:
    """Have the simulator answer all requests of the type `text` with this."""
    simulate = {"simulate": {"text": json.dumps(fields)}}
    PromptType.objects.filter(slug="text").update(default_parameters=simulate)


def let_fail(error: str = "auth") -> None:
    """Have the simulator fail."""
    PromptType.objects.filter(slug="text").update(default_parameters={"simulate": {"error": error}})


def asked() -> list[str]:
    """The texts of all requests, in the order of the alphabet."""
    return sorted(PromptRequest.objects.values_list("prompt_text", flat=True))


@pytest.mark.usefixtures("worker")
def test_every_document_below_the_folder_gets_its_answer_and_its_row(folder: Path, tmp_path: Path) -> None:
    answer_with({"total": "9.00"})
    out = tmp_path / "results.csv"
    number = with_fields("total")
    printed, _said = run(
        "migrate_documents", str(folder), "--type", "text", "--version", str(number), "--out", str(out),
        "--purpose", "Receipts of May",
    )  # fmt: skip
    table = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [(row["outcome"], row["total"], row["version"]) for row in table] == [("completed", "9.00", str(number))] * 3
    assert asked() == ["Read Receipt a.txt", "Read Receipt b.txt", "Read Receipt more/a.txt"]
    assert "3 of 3 documents" in printed
    assert (Batch.objects.get().purpose, out.stat().st_mode & 0o777) == ("Receipts of May", 0o600)


@pytest.mark.usefixtures("worker")
def test_results_come_as_json_lines_too(folder: Path, tmp_path: Path) -> None:
    answer_with({"total": "9.00"})
    out = tmp_path / "results.jsonl"
    run("migrate_documents", str(folder), "--type", "text", "--out", str(out))
    assert [json.loads(line)["fields"] for line in out.read_text().splitlines()] == [{"total": "9.00"}] * 3


@pytest.mark.usefixtures("worker")
def test_a_second_start_asks_nothing_twice_and_adds_what_is_new(folder: Path) -> None:
    run("migrate_documents", str(folder), "--type", "text")
    _printed, said = run("migrate_documents", str(folder), "--type", "text")
    assert (PromptRequest.objects.count(), "Going on with batch" in said) == (3, True)
    (folder / "c.txt").write_text("Receipt c")
    run("migrate_documents", str(folder), "--type", "text")
    assert (Batch.objects.count(), len(asked()), Document.objects.count()) == (1, 4, 4)


@pytest.mark.usefixtures("worker")
def test_another_batch_is_started_when_that_is_asked_for_or_the_version_is_another(folder: Path) -> None:
    run("migrate_documents", str(folder), "--type", "text")
    run("migrate_documents", str(folder), "--type", "text", "--new")
    run("migrate_documents", str(folder), "--type", "text", "--version", str(with_fields("total")))
    assert (Batch.objects.count(), PromptRequest.objects.count()) == (3, 9)


@pytest.mark.usefixtures("worker")
def test_files_of_the_same_content_are_asked_about_once(folder: Path) -> None:
    (folder / "twin.txt").write_text("Receipt a.txt")
    _printed, said = run("migrate_documents", str(folder), "--type", "text")
    assert (len(asked()), "1 have the content of another file" in said) == (3, True)


@pytest.mark.usefixtures("worker")
def test_what_can_not_be_used_is_named_and_holds_up_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "folder").symlink_to(tmp_path)
    (folder / ".hidden.txt").write_text("Hidden")
    (folder / "empty.txt").touch()
    (folder / "program.exe").write_bytes(b"MZ\x90\x00\x03\x00\x00\x00\xff\xff")
    os.mkfifo(folder / "pipe.txt")
    _printed, said = run("migrate_documents", str(folder), "--type", "text")
    left_out = ("link.txt", "folder", ".hidden.txt", "empty.txt", "program.exe", "pipe.txt")
    assert [name for name in left_out if f"Left out: {name}: " not in said] == []
    assert len(asked()) == 3


@pytest.mark.usefixtures("worker")
def test_documents_without_an_answer_end_it_with_1_and_can_be_asked_again(folder: Path) -> None:
    let_fail()
    error = refusal("migrate_documents", str(folder), "--type", "text")
    assert (error.returncode, "--retry" in str(error)) == (1, True)
    answer_with({})
    run("migrate_documents", str(folder), "--type", "text", "--retry")
    assert PromptResponse.objects.count() == 3


@pytest.mark.usefixtures("worker")
def test_a_batch_that_pauses_ends_it_with_3_and_goes_on_when_it_is_started_again(folder: Path, settings: Any) -> None:
    settings.BATCH_IN_FLIGHT = settings.BATCH_MAX_FAILURES_IN_ROW = 1
    let_fail()
    error = refusal("migrate_documents", str(folder), "--type", "text")
    assert (error.returncode, "auth" in str(error)) == (3, True)
    answer_with({})
    assert refusal("migrate_documents", str(folder), "--type", "text").returncode == 1
    assert PromptResponse.objects.count() == 2


def test_ctrl_c_leaves_the_batch_to_the_workers_and_says_how_to_go_on(folder: Path) -> None:
    with patch.object(following, "progress_of", side_effect=KeyboardInterrupt, autospec=True):
        error = refusal("migrate_documents", str(folder), "--type", "text")
    assert (error.returncode, str(Batch.objects.get().pk) in str(error)) == (130, True)
    assert "same command again" in str(error)
    assert Batch.objects.get().state == "running"


def test_stopped_while_files_are_added_the_next_start_adds_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.management.filling.FILES_AT_ONCE", 1)
    with patch.object(batches, "add_documents", side_effect=KeyboardInterrupt, autospec=True):
        assert refusal("migrate_documents", str(folder), "--type", "text").returncode == 130
    assert Batch.objects.get().items.count() == 1
    with patch.object(following, "progress_of", side_effect=KeyboardInterrupt, autospec=True):
        refusal("migrate_documents", str(folder), "--type", "text")
    assert Batch.objects.get().items.count() == 3


def test_the_bar_has_its_numbers_on_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    progress = Progress(total=10_000, completed=1_234, failed=21, cost=Decimal("12.3456"), seconds_left=36_000)
    screen = io.StringIO()
    with patch("sys.stderr", screen), patch.object(following, "_now", return_value=progress, autospec=True):
        following.Follower(screen.write, on_terminal=True).follow(Batch(state="finished"))
    assert "1255/10000 21 failed, 12.3456 USD, about 10:00:00 left" in screen.getvalue()


def test_without_a_worker_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.1)
    said: list[str] = []

    def stop(text: str) -> None:
        said.append(text)
        raise KeyboardInterrupt

    with patch("documents.management.commands.migrate_documents.Follower", autospec=True) as follower:
        follower.side_effect = lambda _write, **given: following.Follower(stop, **given)
        refusal("migrate_documents", str(folder), "--type", "text")
    assert said == [following.NO_WORKER]


def test_without_an_active_version_nothing_is_stored(folder: Path) -> None:
    PromptVersion.objects.filter(prompt_type__slug="text").update(is_active=False)
    error = refusal("migrate_documents", str(folder), "--type", "text")
    assert (error.returncode, "no active version" in str(error)) == (2, True)
    assert (Document.objects.count(), Batch.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--type", "nonsense"], "nonsense"),
        (["--type", "text", "--version", "99"], "99"),
        (["--type", "text", "--model", "nobody/nothing"], "nobody/nothing"),
        (["--type", "text", "--user", "nobody"], "no active user 'nobody'"),
        (["--type", "text", "--out", "results.pdf"], ".csv or .jsonl"),
        (["--type", "text", "--out", "/nowhere/results.csv"], "there is no folder /nowhere"),
    ],
)
def test_what_is_refused_ends_it_with_2_and_stores_nothing(folder: Path, arguments: list[str], sentence: str) -> None:
    error = refusal("migrate_documents", str(folder), *arguments)
    assert (error.returncode, sentence in str(error)) == (2, True)
    assert Document.objects.count() == 0


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(__file__)], ids=["a folder", "a link"])
def test_what_can_not_become_the_results_is_told_before_anything_is_stored(
    folder: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "results.csv")
    error = refusal("migrate_documents", str(folder), "--type", "text", "--out", str(tmp_path / "results.csv"))
    assert (error.returncode, "can't be written: it is a folder" in str(error)) == (2, True)
    assert Document.objects.count() == 0


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal("migrate_documents", str(tmp_path / "nowhere"), "--type", "text").returncode == 2


def test_an_empty_folder_starts_nothing(tmp_path: Path) -> None:
    assert "no document" in str(refusal("migrate_documents", str(tmp_path), "--type", "text"))
    assert Batch.objects.count() == 0


def test_a_folder_with_more_files_than_a_batch_holds_is_refused(folder: Path, settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 2
    assert "BATCH_MAX_DOCUMENTS" in str(refusal("migrate_documents", str(folder), "--type", "text"))
    assert Document.objects.count() == 0


def test_names_that_are_no_utf8_and_paths_without_end_can_be_shown_and_stored(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    deep = tmp_path.joinpath(*["d" * 200] * 4)
    assert [path.name for path in look_through(tmp_path).files] == [os.fsdecode(b"caf\xe9.txt")]
    assert (len(source_of(deep)) <= 500, source_of(deep) != source_of(deep / "e")) == (True, True)
