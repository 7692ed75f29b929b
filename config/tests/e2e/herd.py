"""Four workers that are killed and frozen at random until enough has happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

from config.tests.e2e.installation import Installation

TICK_SECONDS = 0.15
KILL_SHARE, FREEZE_SHARE = 0.35, 0.15
#: Past the lease of two seconds, so that somebody else has the request when the frozen worker thaws.
FROZEN_SECONDS = 3.0
MOST_FROZEN = 2
#: Who has thawed is left alone for so long: its late results are what this is about.
SPARED_SECONDS = 1.0
#: A slow machine needs longer until as much has happened.
LONGEST_SECONDS = 150.0
AT_WORK = "SELECT DISTINCT leased_by FROM prompt_requests WHERE status = 'generating'"


class Herd:
    """Workers forked by a nursery (config/tests/e2e/nursery.py), with what has been done to them."""

    def __init__(self, installation: Installation, size: int, *, fenced: bool = True, seed: int = 1) -> None:
        arguments = ["-m", "config.tests.e2e.nursery", *([] if fenced else ["--without-fence"])]
        self.nursery = installation.spawn(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.random = random.Random(seed)
        self.started = self.kills = self.freezes = 0
        self.frozen: dict[int, float] = {}
        self.spared: dict[int, float] = {}
        self.installation = installation
        self.names: dict[int, str] = {}
        self.pids = [self._start() for _ in range(size)]

    def _start(self) -> int:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.started += 1
        name = f"w{self.started}@test"
        self.nursery.stdin.write(f"{name}\n")
        self.nursery.stdin.flush()
        pid = int(self.nursery.stdout.readline())
        self.names[pid] = name
        return pid

    def torment(self, until: Callable[[], bool]) -> None:
        """Kill (and replace) or freeze a random busy worker every tick `until` that is true; then all are thawed."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while not until() and time.monotonic() < deadline:
            self._thaw(time.monotonic())
            self._strike(self.random.random())
            time.sleep(TICK_SECONDS)
        self._thaw(float("inf"))

    def _busy(self) -> list[int]:
        """Who has calls in hand: one that still starts has nothing to lose, and would never come to anything."""
        now = time.monotonic()
        at_work = {row[0] for row in self.installation.sql(AT_WORK)}
        resting = [pid for pid in self.pids if pid not in self.frozen and self.spared.get(pid, 0) < now]
        return [pid for pid in resting if self.names[pid] in at_work]

    def _strike(self, dice: float) -> None:
        victims = self._busy()
        if not victims:
            return
        victim = self.random.choice(victims)
        if dice < KILL_SHARE:
            self._kill(victim)
        elif dice < KILL_SHARE + FREEZE_SHARE and len(self.frozen) < MOST_FROZEN:
            self._freeze(victim)

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.pids[self.pids.index(pid)] = self._start()
        self.kills += 1

    def _freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        self.frozen[pid] = time.monotonic() + FROZEN_SECONDS
        self.freezes += 1

    def _thaw(self, now: float) -> None:
        for pid in [pid for pid, until in self.frozen.items() if until <= now]:
            os.kill(pid, signal.SIGCONT)
            del self.frozen[pid]
            self.spared[pid] = time.monotonic() + SPARED_SECONDS

    def close(self) -> None:
        """End the nursery, and with it every worker."""
        assert self.nursery.stdin is not None
        self.nursery.stdin.close()
        self.nursery.wait(10)
