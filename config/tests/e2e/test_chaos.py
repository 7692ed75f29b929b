"""Workers are killed and frozen, servers vanish: nothing is lost, nothing is done twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from config.tests.e2e.herd import Herd
from config.tests.e2e.installation import Installation, wait_for
from config.tests.e2e.oracle import broken_rules, refused
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

Install = Callable[..., Installation]


def ask_steadily(installation: Installation, number: int, seconds: float) -> list[int]:
    """Send `number` requests spread over `seconds`; the status of each answer."""
    answers = []
    for _ in range(number):
        answers.append(installation.ask().status_code)
        time.sleep(seconds / number)
    return answers


@contextmanager
def load(installation: Installation, number: int, seconds: float) -> Iterator[list[int]]:
    """The same beside what the test does meanwhile; the list is complete when the context ends."""
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.extend(ask_steadily(installation, number, seconds)))
    thread.start()
    try:
        yield answers
    finally:
        thread.join()


@contextmanager
def tormented(installation: Installation, *, fenced: bool, requests: int, seconds: float) -> Iterator[Herd]:
    """Four workers under torment while requests come in; everything has ended when the context begins."""
    installation.start_web()
    installation.sign_in()
    herd = Herd(installation, 4, fenced=fenced)
    try:
        with load(installation, requests, seconds / 2) as answers:
            herd.torment(seconds)
        assert answers == [201] * requests
        installation.wait_until_finished(90)
        yield herd
    finally:
        herd.close()


def test_workers_killed_and_frozen_at_random_lose_nothing_and_answer_once(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=1.2)
    installation = install(REQUEST_MAX_ATTEMPTS="200", HEARTBEAT_SECONDS="1")
    with tormented(installation, fenced=True, requests=300, seconds=30) as herd:
        assert (installation.statuses(), broken_rules(installation)) == ({"completed": 300}, {})
        assert herd.kills > 30
        assert herd.freezes > 5
        assert refused(installation) > 0


def test_without_the_fence_the_same_torment_breaks_the_rules(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=1.2)
    installation = install(REQUEST_MAX_ATTEMPTS="200", HEARTBEAT_SECONDS="1")
    with tormented(installation, fenced=False, requests=150, seconds=15):
        assert broken_rules(installation)


def test_a_broker_that_is_down_for_twenty_seconds_and_then_emptied_loses_nothing(
    install: Install, vendor: VendorStub
) -> None:
    vendor.default = Reply(latency=0.3)
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    with load(installation, 150, 30) as answers:
        time.sleep(4)
        installation.valkey.stop()
        time.sleep(20)
        installation.valkey.start()
        time.sleep(2)
        installation.flush_broker()
    assert answers == [201] * 150
    installation.wait_until_finished(30)
    assert broken_rules(installation) == {}


def test_a_database_that_restarts_loses_nothing_it_accepted(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=0.5)
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    with load(installation, 100, 10) as answers:
        time.sleep(3)
        installation.postgres.stop()
        installation.postgres.start()
    assert set(answers) <= {201, 503}
    installation.wait_until_finished(60)
    assert installation.statuses() == {"completed": answers.count(201)}
    assert broken_rules(installation) == {}


def test_a_worker_told_to_stop_finishes_fifty_running_calls(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=4)
    installation = install(WORKER_SHUTDOWN_GRACE_SECONDS="25")
    installation.start_web()
    installation.sign_in()
    worker = installation.start_worker()
    for _ in range(50):
        assert installation.ask().status_code == 201
    wait_for(lambda: vendor.in_flight == 50, 20, "fifty running calls")
    worker.terminate()
    assert worker.wait(20) == 0
    assert (installation.statuses(), broken_rules(installation)) == ({"completed": 50}, {})


def test_a_worker_that_may_not_wait_gives_its_calls_back_at_once(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=30)
    installation = install(WORKER_SHUTDOWN_GRACE_SECONDS="0.5", LEASE_SECONDS="60")
    installation.start_web()
    installation.sign_in()
    worker = installation.start_worker()
    for _ in range(20):
        installation.ask()
    wait_for(lambda: vendor.in_flight == 20, 20, "twenty running calls")
    vendor.default = Reply()
    worker.terminate()
    worker.wait(15)
    assert installation.statuses() == {"pending": 20}
    installation.start_worker("w2")
    installation.wait_until_finished(20)
    assert broken_rules(installation) == {}


def test_a_message_delivered_five_times_runs_its_request_once(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=0.2)
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    for _ in range(40):
        assert installation.ask().status_code == 201
        installation.deliver_wake_up(times=5)
    installation.wait_until_finished(30)
    assert broken_rules(installation) == {}
    assert installation.sql("SELECT max(attempt_count), count(*) FROM prompt_requests") == [(1, 40)]
    assert len(vendor.calls) == 40
