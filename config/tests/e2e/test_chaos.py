"""Workers are killed and frozen at random: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from config.tests.e2e.herd import Herd
from config.tests.e2e.installation import Installation
from config.tests.e2e.load import load
from config.tests.e2e.oracle import broken_rules, refused
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

Install = Callable[..., Installation]


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
