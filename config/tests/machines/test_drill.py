"""Web and workers on hosts of their own, with Debian's PostgreSQL, Redis and RabbitMQ; one is cut off, then killed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.tests.e2e.installation import wait_for
from config.tests.e2e.oracle import refused
from config.tests.machines import steps
from config.tests.machines.site import Site
from providers.tests.stubs import Reply

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]


def test_a_worker_cut_off_from_the_broker_then_from_the_database_then_killed_loses_nothing(
    spread: Callable[..., Site],
) -> None:
    site = spread("web1", "worker1", "worker2")
    site.vendor.default = Reply(latency=1)
    site.launch_web("web1")
    site.launch_worker("worker1")
    site.launch_worker("worker2")
    site.wait_for_workers()
    site.wait_for_webs()
    with steps.load(site, 8) as made:
        site.network.cut("worker1", "broker")
        wait_for(lambda: "Connection to broker lost" in site.log_of("worker1"), 60, "worker1 to miss the broker")
        steps.works_after(site, "worker1", 60)

        steps.wait_until_busy(site, "worker1")
        site.network.cut("worker1", "database")
        steps.finished_after(site, 90)
        site.network.mend("worker1", "database")
        site.network.mend("worker1", "broker")
        steps.works_after(site, "worker1", 90)
        wait_for(lambda: refused(site) > 0, 60, "a late result that is refused")
        wait_for(lambda: site.log_of("worker1").count("Connected to amqp://") > 1, 60, "worker1 to find the broker")
        steps.works_after(site, "worker1", 60)

        steps.wait_until_busy(site, "worker1")
        site.kill_host("worker1")
        steps.finished_after(site, 60)
    assert (made.refused, made.lost) == ([], [])
    assert steps.broken(site, made) == {}
