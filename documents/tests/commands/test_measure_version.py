"""`manage.py measure_version`."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from documents.models import AccuracyRun, Batch
from documents.services import batches, gate
from documents.tests.measuring import finish, make_set, reads
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root() -> Any:
    return make_user("root", is_superuser=True)


@pytest.fixture
def number() -> str:
    return str(make_version("Read {{input}}").version_number)


def while_it_waits(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """What happens to the batch while the command sleeps."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: happens(Batch.objects.get()))


def test_it_prints_the_accuracy_by_field_with_count_and_interval(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    make_set(4)
    while_it_waits(monkeypatch, lambda batch: finish(batch, reads(3)))
    output, _errors = run("measure_version", "text", number, "receipts")
    lines = output.splitlines()
    figures = "75 % right (3 of 4; 95 % interval: 30.06 to 95.44 %); 75 % exactly"
    assert lines[0].startswith(
        f"text v{number} with simulator/default on receipts r1: 4 documents, 0 without an answer"
    )
    assert lines[1:3] == [f"all fields  {figures}", f"total       {figures}"]
    assert lines[3].endswith(": 1 of 1 fields wrong")
    assert AccuracyRun.objects.count() == 1


def test_a_version_below_the_gate_ends_with_the_exit_code_1(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    labelled_set = make_set(4)
    gate.set_gate("text", labelled_set=labelled_set, threshold=Decimal("0.9"), actor=make_user())
    while_it_waits(monkeypatch, lambda batch: finish(batch, reads(3)))
    error = refusal("measure_version", "text", number, "receipts")
    assert (error.returncode, "90 % is required" in str(error)) == (1, True)


def test_a_version_that_reaches_the_gate_ends_with_0(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    labelled_set = make_set(4)
    gate.set_gate("text", labelled_set=labelled_set, threshold=Decimal("0.7"), actor=make_user())
    while_it_waits(monkeypatch, lambda batch: finish(batch, reads(3)))
    run("measure_version", "text", number, "receipts")
    run("activate_prompt", "text", number)


def test_without_a_worker_it_says_that_the_batch_goes_on(number: str) -> None:
    make_set(2)
    error = refusal("measure_version", "text", number, "receipts", "--timeout", "0")
    batch = Batch.objects.get()
    assert (error.returncode, batch.state) == (3, "running")
    assert f"0 of 2 documents are done. The batch goes on: {batch.pk}. Is a worker running" in str(error)


def test_a_batch_that_is_cancelled_meanwhile_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    make_set(2)
    while_it_waits(monkeypatch, lambda batch: batches.cancel(batch.pk, actor=make_user()))
    error = refusal("measure_version", "text", number, "receipts")
    assert (error.returncode, "Cancelled: " in str(error)) == (2, True)


def test_it_can_be_interrupted_and_the_batch_goes_on(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    def interrupt(_batch: Batch) -> None:
        raise KeyboardInterrupt

    make_set(2)
    while_it_waits(monkeypatch, interrupt)
    error = refusal("measure_version", "text", number, "receipts")
    assert (error.returncode, str(Batch.objects.get().pk) in str(error)) == (130, True)


def test_an_older_revision_can_be_named(number: str) -> None:
    old = make_set(1)
    make_set(2)
    refusal("measure_version", "text", number, "receipts", "--revision", "1", "--timeout", "0")
    assert Batch.objects.get().labelled_set == old


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["text", "1", "none"], "no labelled set “none”"),
        (["text", "1", "receipts", "--revision", "7"], "no labelled set “receipts r7”"),
        (["text", "99", "receipts"], "no version 99"),
        (["nonsense", "1", "receipts"], "nonsense"),
        (["text", "1", "receipts", "--model", "nobody/x"], "nobody"),
        (["text", "1", "receipts", "--user", "somchai"], "may not"),
    ],
)
def test_what_can_not_be_is_refused_with_the_exit_code_2(arguments: list[str], told: str) -> None:
    make_user("somchai")
    make_set(1)
    error = refusal("measure_version", *arguments)
    assert (error.returncode, told in str(error), Batch.objects.count()) == (2, True, 0)
