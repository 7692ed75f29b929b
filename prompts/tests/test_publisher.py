"""Announcing due requests never costs the caller anything."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

import pytest
from kombu.exceptions import OperationalError

from prompts import publisher
from prompts.tasks import run_due_requests


def wait_for_calls(sender, number: int) -> None:
    deadline = time.monotonic() + 5
    while sender.call_count < number and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.fixture
def sender():
    with (
        patch.object(publisher, "_waiting", autospec=True, return_value=0),
        patch.object(run_due_requests, "apply_async", autospec=True) as apply_async,
    ):
        yield apply_async


def test_an_announcement_sends_a_message(sender) -> None:
    publisher.Publisher().announce()
    wait_for_calls(sender, 1)
    assert sender.call_count == 1


def test_many_announcements_share_few_messages(sender) -> None:
    publisher_ = publisher.Publisher()
    for _ in range(1000):
        publisher_.announce()
    wait_for_calls(sender, 2)
    time.sleep(publisher.SECONDS_BETWEEN_MESSAGES * 3)
    assert 1 <= sender.call_count <= 10


def test_an_announcement_after_a_message_sends_another(sender) -> None:
    publisher_ = publisher.Publisher()
    publisher_.announce()
    wait_for_calls(sender, 1)
    publisher_.announce()
    wait_for_calls(sender, 2)
    assert sender.call_count == 2


def test_a_broker_that_is_away_is_neither_felt_nor_asked_again_at_once(sender) -> None:
    sender.side_effect = OperationalError("refused")
    publisher_ = publisher.Publisher()
    started = time.monotonic()
    for _ in range(100):
        publisher_.announce()
    assert time.monotonic() - started < 0.1
    wait_for_calls(sender, 2)
    assert sender.call_count == 1


def test_without_a_worker_messages_do_not_pile_up() -> None:
    with run_due_requests.app.connection_for_write() as connection:
        channel: Any = connection.channel()
        channel.queue_purge(queue=run_due_requests.app.conf.task_default_queue)
    assert publisher._waiting() == 0
    publishers = [publisher.Publisher(), publisher.Publisher()]
    with patch.object(publisher, "MOST_WAITING", 3):
        assert [publishers[0]._send() for _ in range(5)] == [True, True, True, False, False]
        assert not publishers[1]._send()
    assert publisher._waiting() == 3
