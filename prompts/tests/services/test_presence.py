"""Signs of life of workers."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from prompts.models import WorkerSign
from prompts.services import housekeeping, presence
from prompts.services.presence import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def seen(name: str = "w1") -> Worker:
    return next(worker for worker in presence.workers() if worker.name == name)


def let_pass(seconds: float) -> None:
    WorkerSign.objects.update(seen_at=F("seen_at") - timedelta(seconds=seconds))


def test_a_worker_that_signs_is_alive() -> None:
    presence.sign("w1", slots=500, running=7)
    worker = seen()
    assert (worker.slots, worker.running, worker.pid, worker.is_alive) == (500, 7, os.getpid(), True)


def test_a_further_sign_keeps_the_time_of_its_start() -> None:
    presence.sign("w1", slots=500, running=7)
    started = seen().started_at
    presence.sign("w1", slots=500, running=9)
    assert (seen().started_at, seen().running) == (started, 9)


def test_three_heartbeats_of_silence_are_a_loss(settings: Any) -> None:
    settings.HEARTBEAT_SECONDS = 10
    presence.sign("w1", slots=500, running=7)
    let_pass(29)
    assert seen().is_alive
    let_pass(2)
    assert seen().is_lost


def test_one_that_said_goodbye_is_not_lost() -> None:
    presence.sign("w1", slots=500, running=7)
    presence.sign_off("w1")
    let_pass(3600)
    worker = seen()
    assert (worker.has_stopped, worker.is_lost, worker.is_alive, worker.running) == (True, False, False, 0)


def test_a_process_that_takes_over_the_name_began_just_now() -> None:
    presence.sign("w1", slots=500, running=7)
    WorkerSign.objects.update(pid=1, started_at=Now() - timedelta(hours=1))
    before = seen().started_at
    presence.sign("w1", slots=500, running=0)
    assert seen().started_at > before


def test_nobody_says_goodbye_for_another_process() -> None:
    presence.sign("w1", slots=500, running=7)
    WorkerSign.objects.update(pid=1)
    presence.sign_off("w1")
    assert not seen().has_stopped


def test_one_that_started_again_has_not_stopped() -> None:
    presence.sign("w1", slots=500, running=7)
    presence.sign_off("w1")
    presence.sign("w1", slots=500, running=0)
    assert seen().is_alive


def test_after_a_day_a_sign_is_removed() -> None:
    presence.sign("old", slots=500, running=7)
    let_pass(24 * 3600 + 1)
    presence.sign("new", slots=500, running=7)
    assert [worker.name for worker in presence.workers()] == ["new"]
    assert housekeeping.purge_expired()["worker_signs"] == 1
    assert WorkerSign.objects.get().name == "new"


def test_a_name_longer_than_its_column_is_cut() -> None:
    presence.sign("w" * 300, slots=1, running=0)
    presence.sign_off("w" * 300)
    assert seen("w" * 200).has_stopped
