"""Workers are killed and frozen at random: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from config.tests.e2e.herd import Herd
from config.tests.e2e.installation import Installation
from config.tests.e2e.load import load
from config.tests.e2e.oracle import ONE_SUCCESS, RULES, broken_rules, refused
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(400)]

Install = Callable[..., Installation]


@contextmanager
def tormented(
    installation: Installation, *, fenced: bool, until: Callable[[Herd], bool], a_second: float = 20
) -> Iterator[tuple[Herd, int]]:
    """Four workers under torment `until` enough has happened to them, while requests come in.

    When the context begins everything has ended. It gives the workers, and how many requests were accepted.
    """
    installation.start_web()
    installation.sign_in()
    herd = Herd(installation, 4, fenced=fenced)
    try:
        with load(installation, a_second) as answers:
            herd.torment(lambda: until(herd))
        assert set(answers) == {201}
        installation.wait_until_finished(90)
        yield herd, len(answers)
    finally:
        herd.close()


def test_workers_killed_and_frozen_at_random_lose_nothing_and_answer_once(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=1.2)
    installation = install(REQUEST_MAX_ATTEMPTS="200", HEARTBEAT_SECONDS="1")

    def enough(herd: Herd) -> bool:
        return herd.kills > 30 and herd.freezes > 5 and refused(installation) > 0

    with tormented(installation, fenced=True, until=enough) as (herd, number):
        assert (installation.statuses(), broken_rules(installation)) == ({"completed": number}, {})
        assert enough(herd)


def test_without_the_fence_the_same_torment_breaks_the_rules(install: Install, vendor: VendorStub) -> None:
    vendor.default = Reply(latency=1.2)
    installation = install(REQUEST_MAX_ATTEMPTS="200", HEARTBEAT_SECONDS="1")

    def enough(herd: Herd) -> bool:
        return bool(installation.sql(RULES[ONE_SUCCESS]))

    with tormented(installation, fenced=False, until=enough):
        assert ONE_SUCCESS in broken_rules(installation)
