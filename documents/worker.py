"""The threads of a worker process that read documents and drive batches.

One looks after readings (documents/readers.py), one drives batches. Each has one connection, is woken by Celery's
messages and looks by itself every POLL_SECONDS, so both go on without a broker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from documents.readers import Readers
from documents.services import driving

logger = logging.getLogger(__name__)

#: A transaction that is under way may end, and leases are given back.
STOP_SECONDS = 5.0


class Work(Protocol):
    """What a thread does again and again, and once at its end."""

    def step(self) -> bool: ...
    def close(self) -> None: ...


class Loop:
    """A thread that does its work every POLL_SECONDS and when it is woken. Outlives outages of the database."""

    def __init__(self, name: str, work: Callable[[Callable[[], None]], Work]) -> None:
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._work = work(self.wake)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    def stop(self) -> None:
        """End what is under way. `join` tells when that is done."""
        self._stopping.set()
        self.wake()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                if not self._safely(self._work.step):
                    self._wake.wait(settings.POLL_SECONDS)
            self._safely(self._work.close)
        finally:
            connection.close()

    def _safely(self, step: Callable[[], bool | None]) -> bool:
        """Whether there may be more to do at once; an error is logged and must not end the thread."""
        try:
            return bool(step())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("%s: PostgreSQL is away (%s); trying again.", self._thread.name, str(error).strip())
        except Exception:
            logger.exception("%s: a step failed; trying again.", self._thread.name)
        connection.close()
        return False


class Batches:
    """Has each running batch send what is ready."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """It needs no waking of its own."""

    def step(self) -> bool:
        """One pass; whether there may be more to do."""
        return driving.step()

    def close(self) -> None:
        """Nothing is held between passes."""


_loops: list[Loop] = []


def start() -> None:
    """Start this process's threads."""
    _loops.extend((Loop("documents", Readers), Loop("batches", Batches)))
    for loop in _loops:
        loop.start()


def wake() -> None:
    """Have this process's threads look for work. Does nothing where none runs."""
    for loop in _loops:
        loop.wake()


def stop() -> None:
    """Kill the children, give what they read back, and return when that is done."""
    for loop in _loops:
        loop.stop()
    for loop in _loops:
        loop.join()
    _loops.clear()
