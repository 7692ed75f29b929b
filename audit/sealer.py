"""The thread of a worker process that seals every second.

Each worker has one; the lock in the database lets one at a time do it, so that any of them may die.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

from audit.services import sealing

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
#: A transaction that is under way may end; what it hasn't sealed, another worker will.
STOP_SECONDS = 5.0


class Sealer:
    """Seals until it is stopped. Outlives outages of the database, and needs no broker."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way, and return when that is done."""
        self._stopping.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
                self._stopping.wait(INTERVAL_SECONDS)
        finally:
            connection.close()

    def _step(self) -> None:
        """Seal once; an error is logged and must not end the thread."""
        try:
            sealing.seal_and_checkpoint()
        except DatabaseError as error:
            logger.warning("Entries of the audit log wait for PostgreSQL (%s).", str(error).strip())
            connection.close()
        except Exception:
            logger.exception("Entries of the audit log could not be sealed; trying again.")
            connection.close()


_sealer: Sealer | None = None


def start() -> None:
    """Start this process's sealer."""
    global _sealer
    _sealer = Sealer()
    _sealer.start()


def stop() -> None:
    """Stop this process's sealer, if it runs."""
    global _sealer
    if _sealer is not None:
        _sealer.stop()
    _sealer = None
