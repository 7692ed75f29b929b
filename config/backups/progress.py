"""Telling whoever waits how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Takes one line.
Say = Callable[[str], object]
SECONDS_BETWEEN = 5.0
UNITS = ("bytes", "kB", "MB", "GB")


def quiet(line: str) -> None:
    """For who doesn't want to know."""


class Meter:
    """Counts bytes, and says every few seconds how many of `what` there were."""

    def __init__(self, say: Say, what: str) -> None:
        self._say = say
        self._what = what
        self._count = 0
        self._next = time.monotonic() + SECONDS_BETWEEN

    def add(self, count: int) -> None:
        """So many more."""
        self._count += count
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN
            self._say(f"{self._what}: {readable(self._count)}")


def readable(count: float) -> str:
    """A number of bytes for people."""
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == UNITS[0] else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"
