"""Signs of life: what each worker process says of itself, for the console alone. Leases don't rest on them."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from prompts.models import WorkerSign

#: A worker that has been silent for so many heartbeats has gone, or hangs.
HEARTBEATS_MISSED = 3
#: Below this a database that is slow for a moment would look like a death.
LEAST_SECONDS = 5.0
KEPT = timedelta(days=1)
MOST_SHOWN = 100

# A process that takes over the name of one that has gone began just now.
_SIGN = """
    INSERT INTO worker_signs AS sign (name, host, pid, slots, running) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET
        host = excluded.host, pid = excluded.pid, slots = excluded.slots, running = excluded.running,
        seen_at = now(), stopped_at = NULL,
        started_at = CASE WHEN (sign.host, sign.pid) = (excluded.host, excluded.pid) AND sign.stopped_at IS NULL
            THEN sign.started_at ELSE now() END
"""
_SEEN = """
    SELECT name, host, pid, slots, running, started_at, seen_at, stopped_at,
        extract(epoch FROM now() - seen_at)::float8
    FROM worker_signs WHERE seen_at > now() - make_interval(secs => %s)
    ORDER BY stopped_at IS NOT NULL, seen_at DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process as it showed itself last, which was `silent_seconds` ago."""

    name: str
    host: str
    pid: int
    slots: int
    running: int
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None
    silent_seconds: float

    @property
    def has_stopped(self) -> bool:
        """Whether it ended in good order."""
        return self.stopped_at is not None

    @property
    def is_lost(self) -> bool:
        """Whether it fell silent without a word: killed, frozen, or cut off from the database."""
        return not self.has_stopped and self.silent_seconds > patience()

    @property
    def is_alive(self) -> bool:
        """Whether it runs, as far as can be known."""
        return not self.has_stopped and not self.is_lost


def patience() -> float:
    """After how many seconds of silence a worker is taken for lost."""
    return max(LEAST_SECONDS, HEARTBEATS_MISSED * float(settings.HEARTBEAT_SECONDS))


@transaction.atomic(durable=True)
def sign(name: str, *, slots: int, running: int) -> None:
    """Write down that this process lives, under the name that its attempts carry."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, [name[:200], socket.gethostname()[:200], os.getpid(), slots, running])


@transaction.atomic(durable=True)
def sign_off(name: str) -> None:
    """Write down that this process ends in good order."""
    mine = WorkerSign.objects.filter(name=name[:200], pid=os.getpid(), stopped_at=None)
    mine.update(stopped_at=Now(), seen_at=Now(), running=0)


def workers() -> Sequence[Worker]:
    """Those that were seen within the last day: first the ones that run or have vanished, the newest sign first."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [KEPT.total_seconds(), MOST_SHOWN])
        return [Worker(*row) for row in cursor.fetchall()]


def purge() -> int:
    """Forget workers that have not been seen for a day; how many."""
    removed, _ = WorkerSign.objects.filter(seen_at__lt=Now() - KEPT).delete()
    return removed
