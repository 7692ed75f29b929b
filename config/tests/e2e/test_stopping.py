"""A worker that is told to stop finishes its calls, or gives them back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.tests.e2e.installation import Installation, wait_for
from config.tests.e2e.oracle import broken_rules
from providers.tests.stubs import Reply, VendorStub

pytestmark = pytest.mark.serial

Install = Callable[..., Installation]


def test_a_worker_told_to_stop_finishes_fifty_running_calls(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=4)
    installation = install(WORKER_SHUTDOWN_GRACE_SECONDS="25", LEASE_SECONDS="60")
    installation.start_web()
    installation.sign_in()
    worker = installation.start_worker()
    for _ in range(50):
        assert installation.ask().status_code == 201
    wait_for(lambda: vendor.in_flight == 50, 60, "fifty running calls")
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
    wait_for(lambda: vendor.in_flight == 20, 60, "twenty running calls")
    vendor.default = Reply()
    worker.terminate()
    worker.wait(15)
    assert installation.statuses() == {"pending": 20}
    installation.start_worker("w2")
    installation.wait_until_finished(60)
    assert broken_rules(installation) == {}
