"""Servers vanish and messages come again: nothing is lost, nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from config.tests.e2e.installation import Installation
from config.tests.e2e.load import load
from config.tests.e2e.oracle import broken_rules
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

Install = Callable[..., Installation]


def test_a_broker_that_is_down_for_twenty_seconds_and_then_emptied_loses_nothing(
    install: Install, vendor: VendorStub
) -> None:
    vendor.default = Reply(latency=0.3)
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    with load(installation, 5) as answers:
        time.sleep(4)
        installation.valkey.stop()
        time.sleep(20)
        installation.valkey.start()
        time.sleep(2)
        installation.flush_broker()
    assert set(answers) == {201}
    installation.wait_until_finished(90)
    assert broken_rules(installation) == {}


def test_a_database_that_restarts_loses_nothing_it_accepted(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=0.5)
    installation = install()
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    with load(installation, 10) as answers:
        time.sleep(3)
        installation.postgres.stop()
        installation.postgres.start()
        time.sleep(3)
    assert set(answers) <= {201, 503}
    installation.wait_until_finished(60)
    assert installation.statuses() == {"completed": answers.count(201)}
    assert broken_rules(installation) == {}


def test_a_message_delivered_five_times_runs_its_request_once(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=0.2)
    # Long enough that no busy machine makes it run out: a second attempt here would be the message's doing.
    installation = install(LEASE_SECONDS="60")
    installation.start_web()
    installation.sign_in()
    installation.start_worker()
    for _ in range(40):
        assert installation.ask().status_code == 201
        installation.deliver_wake_up(times=5)
    installation.wait_until_finished(90)
    assert broken_rules(installation) == {}
    assert installation.sql("SELECT max(attempt_count), count(*) FROM prompt_requests") == [(1, 40)]
    assert len(vendor.calls) == 40
