"""Whether documents are being read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_STATE = """
    SELECT
        count(*) FILTER (WHERE state = 'pending'),
        count(*) FILTER (WHERE state = 'reading' AND lease_expires_at > now()),
        coalesce(extract(epoch FROM now() - min(queued_at) FILTER (WHERE state = 'pending')), 0)::float8
    FROM document_files WHERE state IN ('pending', 'reading')
"""


@dataclass(frozen=True, slots=True)
class ReadingQueue:
    """How many files wait, how many are being read, and since when the oldest waits, in seconds."""

    waiting: int
    being_read: int
    oldest_seconds: float

    def stands_still(self, seconds: float) -> bool:
        """Whether nobody reads, although a file has been waiting for so long. A long queue alone is no fault."""
        return not self.being_read and self.oldest_seconds > seconds


def reading_queue() -> ReadingQueue:
    """How it is now, from one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return ReadingQueue(*(cursor.fetchone() or (0, 0, 0.0)))
