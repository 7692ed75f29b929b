"""Reading several files side by side: what is claimed is read by child processes, and what they find is written."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError

from documents import storage
from documents.reading import Interrupted
from documents.services import reading
from documents.services.reading import CRASHED, Progress, Reading
from documents.underway import Outcome, Underway, outcome_of

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_CLEANINGS = 3600.0
#: PostgreSQL can't be reached, or chose this transaction to end a deadlock; what was to be done can be done again.
AWAY = (OperationalError, InterfaceError, InternalError)


class Readers:
    """Up to READER_SLOTS readings at a time. All but `_read` runs in one thread, the only one with a connection."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._pool = ThreadPoolExecutor(settings.READER_SLOTS, thread_name_prefix="reader")
        self._running: dict[Reading, Underway] = {}
        self._shown: dict[Reading, Progress] = {}
        self._outcomes: queue.SimpleQueue[Outcome | Reading] = queue.SimpleQueue()
        self._unwritten: list[Outcome] = []
        self._next: dict[str, float] = {}

    def step(self) -> bool:
        """Write what has ended, renew leases, and take as much as there are readers: never more to do at once."""
        self._collect()
        self._write()
        self._renew()
        self._now_and_then("sweep", settings.SWEEP_SECONDS, reading.sweep)
        self._now_and_then("clean", SECONDS_BETWEEN_CLEANINGS, storage.remove_leftovers)
        self._claim()
        return False

    def close(self) -> None:
        """Kill the children, write what had ended, and give the rest back."""
        for underway in self._running.values():
            underway.stop.set()
        self._pool.shutdown()
        self._collect()
        self._write()
        if self._running:
            given_back = reading.release(list(self._running))
            logger.warning("%d files were put back while they were read.", given_back)

    def _claim(self) -> None:
        free = settings.READER_SLOTS - len(self._running)
        claims = reading.claim(free) if free > 0 else []
        for claim in claims:
            self._running[claim] = underway = Underway(claim)
            self._pool.submit(self._read, underway)

    def _read(self, underway: Underway) -> None:
        """In a thread of the pool: wait for the child. What ends without an outcome is left to the sweeper."""
        ended: Outcome | Reading = underway.reading
        try:
            ended = outcome_of(underway)
        except Interrupted:
            return
        except Exception:
            # A missing folder or process says nothing about the file; another worker may have both.
            logger.exception("File %d could not be read here.", underway.reading.file_id)
        self._outcomes.put(ended)
        self._wake()

    def _collect(self) -> None:
        while not self._outcomes.empty():
            ended = self._outcomes.get()
            if isinstance(ended, Outcome):
                self._unwritten.append(ended)
            else:
                self._forget(ended)

    def _write(self) -> None:
        """What can't be written now, as PostgreSQL is away, is kept for the next step."""
        while self._unwritten:
            outcome = self._unwritten[0]
            try:
                _write(outcome)
            except AWAY:
                raise
            except Exception:
                # Left to the sweeper; it must not keep the others from being written.
                logger.exception("File %d: how it was read can't be stored.", outcome.reading.file_id)
            self._unwritten.pop(0)
            self._forget(outcome.reading)

    def _forget(self, ended: Reading) -> None:
        self._running.pop(ended, None)
        self._shown.pop(ended, None)

    def _renew(self) -> None:
        """Renew leases from time to time, and at once where pages were read that nobody has seen."""
        progress = {claim: underway.progress for claim, underway in self._running.items()}
        changed = any(self._shown.get(claim, Progress()) != seen for claim, seen in progress.items())
        if progress and (changed or self._is_due("renew", settings.HEARTBEAT_SECONDS)):
            for lost in reading.heartbeat(progress):
                self._break_off(lost)
            self._shown = progress

    def _break_off(self, lost: Reading) -> None:
        """Kill the child of a file that is no longer ours; nothing of it is written."""
        logger.warning("File %d: its lease was lost, reading is broken off.", lost.file_id)
        self._running[lost].stop.set()
        self._forget(lost)

    def _now_and_then(self, name: str, seconds: float, work: Callable[[], int]) -> None:
        if self._is_due(name, seconds):
            work()

    def _is_due(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(name, 0.0):
            return False
        self._next[name] = now + seconds
        return True


def _write(outcome: Outcome) -> None:
    """A text that PostgreSQL refuses to hold counts as unreadable."""
    try:
        held = _end(outcome)
    except (DataError, IntegrityError) as error:
        logger.error("File %d: its text can't be stored: %s", outcome.reading.file_id, error)
        held = reading.fail(outcome.reading, CRASHED, outcome.milliseconds)
    if not held:
        logger.warning("File %d: its lease was lost, what was read is dropped.", outcome.reading.file_id)


def _end(outcome: Outcome) -> bool:
    if outcome.reason:
        return reading.fail(outcome.reading, outcome.reason, outcome.milliseconds)
    return reading.finish(outcome.reading, outcome.pages, outcome.milliseconds)
