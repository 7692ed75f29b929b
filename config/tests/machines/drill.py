"""The long drill: two web servers, three workers and, by mistake, two schedulers, each on a host of its own.

    python -m config.tests.machines.drill [FAULT…]

With the leases and periods that an installation has. Whatever can be cut off, stopped or wrong is so once, while
requests come in through both web servers. Prints how long each took to get over; exits with 1 where a rule of the house
is broken. With names of faults (`FAULTS`) only those happen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from celery import Celery

from config.tests.e2e.oracle import refused
from config.tests.machines import steps
from config.tests.machines.servers import missing
from config.tests.machines.site import FAKE_TIME, Site
from providers.tests.stubs import Reply

#: With their clocks.
WORKERS = {"worker1": "", "worker2": "", "worker3": "+1h"}
HOSTS = ["web1", "web2", *WORKERS, "scheduler1", "scheduler2"]
#: What a user's installation has unless told otherwise.
DEFAULTS = {"LEASE_SECONDS": "60", "HEARTBEAT_SECONDS": "10", "SWEEP_SECONDS": "5", "POLL_SECONDS": "1"}
A_SECOND = 10
CALL_SECONDS = 2.0
LONGEST_SECONDS = 180
SCHEDULED = ("config.tasks.seal_answers", "config.tasks.keep_house")
CONNECTED = "Connected to amqp://"
SEALS = "SELECT count(*) FROM prompt_seals"
AGE = """
    SELECT coalesce(extract(epoch FROM max(clock_timestamp() - greatest(created_at, next_attempt_at))), 0)
    FROM prompt_requests WHERE status = 'pending'"""


class Drill:
    """The faults, one method each, and what was measured."""

    def __init__(self, site: Site, made: steps.Load) -> None:
        self.site = site
        self.made = made
        self.figures: list[tuple[str, str]] = []

    def note(self, what: str, figure: float | str) -> None:
        """Print one figure, in seconds where it is a number."""
        text = f"{figure:.1f} s" if isinstance(figure, float) else figure
        self.figures.append((what, text))
        print(f"| {what} | {text} |", flush=True)

    def worker_without_broker(self) -> None:
        """It looks for due requests by itself."""
        self.site.network.cut("worker1", "broker")
        self.note("worker cut off from the broker: until it begins its next call", self.works("worker1"))
        self.note("the same: until all requests of before have ended", self.finished())
        time.sleep(10)
        self.note("the same, ten seconds later: until it begins its next call", self.works("worker1"))
        steps.until_true(lambda: "broker lost" in self.site.log_of("worker1"), LONGEST_SECONDS, "worker1 to miss it")
        self.site.network.mend("worker1", "broker")
        connected = self.site.log_of("worker1").count(CONNECTED)
        began = time.monotonic()
        steps.until_true(
            lambda: self.site.log_of("worker1").count(CONNECTED) > connected, LONGEST_SECONDS, "worker1 to find it"
        )
        self.note("the broker is back: until the worker listens to it again", time.monotonic() - began)
        self.works("worker1")

    def worker_without_database(self) -> None:
        """Its leases run out; the others take over; what it brings late is refused."""
        steps.wait_until_busy(self.site, "worker1")
        self.site.network.cut("worker1", "database")
        self.note("worker cut off from the database: until all requests of before have ended", self.finished())
        self.site.network.mend("worker1", "database")
        self.note("the database is back: until it begins its next call", self.works("worker1"))

    def worker_killed(self) -> None:
        """As by a power cut; then started again."""
        steps.wait_until_busy(self.site, "worker1")
        self.site.kill_host("worker1")
        self.note("worker killed: until all requests of before have ended", self.finished())
        self.site.launch_worker("worker1")
        self.note("worker started again: until it begins its first call", self.works("worker1"))

    def web_without_cache(self) -> None:
        """Active versions come from PostgreSQL, and stay the newest."""
        self.site.network.cut("web2", "cache")
        self.made.slowest = 0.0
        stale = steps.stale_reads(self.site, 10)
        assert stale == [], stale
        self.note("web server cut off from Redis: until it accepts a request", self.accepts("web2"))
        time.sleep(10)
        self.note("the same: slowest answer to a POST", self.made.slowest)
        self.site.network.mend("web2", "cache")
        assert steps.stale_reads(self.site, 10) == []

    def web_without_broker(self) -> None:
        """It accepts and says nothing to the workers, who look by themselves."""
        self.site.network.cut("web2", "broker")
        self.made.slowest = 0.0
        time.sleep(10)
        self.note("web server cut off from the broker: slowest answer to a POST", self.made.slowest)
        self.note("the same: until all requests of before have ended", self.finished())
        self.site.network.mend("web2", "broker")

    def scheduler_doubled(self) -> None:
        """Both send everything; the second one's clock is an hour behind. And all of it again, many times at once."""
        self.site.launch_scheduler("scheduler2", clock="-1h")
        before = self.site.sql(SEALS)[0][0]
        with Celery(broker=self.site.rabbit.url, set_as_current=False).connection_for_write() as connection:
            app = Celery(broker=self.site.rabbit.url, set_as_current=False)
            for _ in range(10):
                for task in SCHEDULED:
                    app.send_task(task, connection=connection)
        steps.until_true(lambda: self.site.sql(SEALS)[0][0] > before, LONGEST_SECONDS, "a seal")
        self.note("scheduler doubled, and each task sent ten times: answers in more than one seal", self.sealed_twice())

    def broker_killed(self) -> None:
        """kill -9, and started again on its data."""
        began = time.monotonic()
        self.site.rabbit.stop()
        self.note("RabbitMQ killed: until all requests of before have ended", self.finished())
        self.site.rabbit.start()
        self.site.rabbit.wait()
        self.note("the same: how long it was away", time.monotonic() - began)
        self.note("RabbitMQ is back: until a worker begins its next call", self.works("worker1"))
        # libfaketime 0.9 refuses Python's sleep between two tries to connect, which ends the worker with EINVAL.
        if self.site.running["worker3"].poll() is not None:
            self.site.launch_worker("worker3", WORKERS["worker3"])

    def database_restarted(self) -> None:
        """The one that nothing goes without."""
        before, began = steps.now(self.site), time.monotonic()
        self.site.debian_postgres.restart()
        self.note("PostgreSQL restarted: how long it was away", time.monotonic() - began)
        for host in self.site.clients:
            steps.accepts_after(self.site, host, LONGEST_SECONDS)
        self.note("the same: until both web servers accept again", time.monotonic() - began)
        for worker in WORKERS:
            self.works(worker)
        self.note("the same: until all workers work again", time.monotonic() - began)
        steps.until_true(
            lambda: not self.site.sql(steps.UNFINISHED_BEFORE, before), LONGEST_SECONDS, "what was accepted before"
        )
        self.note("the same: until all requests of before have ended", time.monotonic() - began)

    def works(self, worker: str) -> float:
        return steps.works_after(self.site, worker, LONGEST_SECONDS)

    def finished(self) -> float:
        return steps.finished_after(self.site, LONGEST_SECONDS)

    def accepts(self, host: str) -> float:
        return steps.accepts_after(self.site, host, LONGEST_SECONDS)

    def sealed_twice(self) -> str:
        return str(len(self.site.sql(steps.SEALED_TWICE)))


#: In the order in which they happen.
FAULTS: dict[str, Callable[[Drill], None]] = {
    "worker-without-broker": Drill.worker_without_broker,
    "worker-without-database": Drill.worker_without_database,
    "worker-killed": Drill.worker_killed,
    "scheduler-doubled": Drill.scheduler_doubled,
    "web-without-cache": Drill.web_without_cache,
    "web-without-broker": Drill.web_without_broker,
    "broker-killed": Drill.broker_killed,
    "database-restarted": Drill.database_restarted,
}


def start(site: Site) -> None:
    """All but the second scheduler; the third worker's clock is an hour ahead."""
    site.vendor.default = Reply(latency=CALL_SECONDS)
    for web in ("web1", "web2"):
        site.launch_web(web)
    for worker, clock in WORKERS.items():
        site.launch_worker(worker, clock)
    site.launch_scheduler("scheduler1")
    site.wait_for_workers()
    site.wait_for_webs()


def judge(site: Site, drill: Drill) -> dict[str, Any]:
    """Every rule that is broken in the end."""
    found = steps.broken(site, drill.made, LONGEST_SECONDS)
    # A worker seals each second, and signs each minute.
    steps.until_true(lambda: site.sql("SELECT count(*) FROM audit_unsealed") == [(0,)], 60, "the audit log")
    if not site.manage("verify_audit").splitlines()[-1].startswith("Whole"):
        found["the audit log is whole"] = site.manage("verify_audit")
    if left := steps.unsealed(site):
        found["every answer is sealed"] = left
    drill.note("requests accepted, all completed once", str(len(drill.made.accepted)))
    drill.note("answered 503 while PostgreSQL was away", str(len(drill.made.refused)))
    drill.note("late results that were refused", str(refused(site)))
    drill.note("calls to the vendor", str(len(site.vendor.calls)))
    return found


def main(names: list[str]) -> int:
    """The exit code."""
    if problem := _problem(names):
        print(problem, file=sys.stderr)
        return 2
    with Site(HOSTS, **DEFAULTS) as site:
        start(site)
        with steps.load(site, A_SECOND) as made:
            drill = Drill(site, made)
            for worker in WORKERS:
                drill.works(worker)
            for name in names or FAULTS:
                FAULTS[name](drill)
        found = judge(site, drill)
    for rule, what in found.items():
        print(f"BROKEN: {rule}: {what}")
    return 1 if found else 0


def _problem(names: list[str]) -> str:
    """Why these faults can't be drilled here, as a sentence; empty where they can."""
    if unknown := [name for name in names if name not in FAULTS]:
        return f"There is no fault {', '.join(unknown)}. There are: {', '.join(FAULTS)}."
    # Without the library the clocks would be right, and nobody would see it.
    if lacking := missing() + ([] if FAKE_TIME.exists() else ["faketime"]):
        return f"Several machines need root and Debian's packages; missing: {', '.join(lacking)}."
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
