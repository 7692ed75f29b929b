"""Telling the workers of a document never costs the caller anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from celery import Celery, current_app
from kombu.exceptions import OperationalError

from documents import announcing, tasks, worker


@pytest.fixture
def sender() -> Iterator[Any]:
    with patch.object(Celery, "send_task", autospec=True) as send_task:
        yield send_task


def wait_for_calls(sender: Any, number: int) -> None:
    deadline = time.monotonic() + 5
    while sender.call_count < number and time.monotonic() < deadline:
        time.sleep(0.005)


def test_the_message_is_for_a_task_that_a_worker_has(sender: Any) -> None:
    announcing.Announcer().announce()
    wait_for_calls(sender, 1)
    assert sender.call_args.args[1] == tasks.look_for_work.name
    assert tasks.look_for_work.name in current_app.tasks


def test_a_broker_that_is_away_is_not_felt(sender: Any, caplog: pytest.LogCaptureFixture) -> None:
    sender.side_effect = OperationalError("refused")
    announcer = announcing.Announcer()
    started = time.monotonic()
    for _ in range(100):
        announcer.announce()
    assert time.monotonic() - started < 0.1
    wait_for_calls(sender, 1)
    deadline = time.monotonic() + 5
    while "find the documents by themselves" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "find the documents by themselves" in caplog.text


def test_a_message_to_a_process_without_readers_does_nothing() -> None:
    assert not worker._loops
    tasks.look_for_work()
