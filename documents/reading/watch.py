"""What a running child takes of time and memory, looked at from outside."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

from documents.reading.limits import Limits
from documents.reading.reasons import OUT_OF_MEMORY, OUT_OF_TIME, Unreadable

#: A child that had no core for half of the time is waiting its turn; it is waited for so many times as long.
PATIENCE = 4


class Watch:
    """Over the process with this id, from now on."""

    def __init__(self, process_id: int, limits: Limits) -> None:
        self._process = psutil.Process(process_id)
        self._limits = limits
        self._started = self._page_at = time.monotonic()
        self._cpu = self._page_cpu = 0.0
        #: The most memory that it was seen to hold, in bytes.
        self.peak = 0

    def page_came(self) -> None:
        """The wait for the next page begins."""
        self._page_at, self._page_cpu = time.monotonic(), self._cpu

    def look(self) -> None:
        """Raises Unreadable when it takes more than it may."""
        # What the kernel tells of an ended child counts the memory of its parent, from before exec.
        with suppress(psutil.Error):
            self.peak = max(self.peak, self._process.memory_info().rss)
            times = self._process.cpu_times()
            self._cpu = times.user + times.system
        self._check_memory()
        self._check_clock()

    def _check_memory(self) -> None:
        if self.peak > self._limits.memory_bytes:
            raise Unreadable(OUT_OF_MEMORY, f"it held {self.peak >> 20} MiB")

    def _check_clock(self) -> None:
        now = time.monotonic()
        if now - self._started > self._limits.seconds:
            raise Unreadable(OUT_OF_TIME, f"not done after {self._limits.seconds:g} s")
        waited, worked = now - self._page_at, self._cpu - self._page_cpu
        most = self._limits.page_seconds
        if waited > most and (worked > most / 2 or waited > PATIENCE * most):
            raise Unreadable(OUT_OF_TIME, f"no page for {waited:.0f} s, {worked:.0f} s of them at work")
