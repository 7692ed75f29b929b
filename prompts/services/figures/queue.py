"""What has not ended yet: the only requests that are counted one by one, by their partial indexes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

#: Nobody needs to know a backlog more exactly, and counting on would make the page slow when it is needed most.
MOST_COUNTED = 50_000
_QUEUE = """
    WITH pending AS (
        SELECT next_attempt_at <= now() AND NOT awaits_text AS due, awaits_text
        FROM prompt_requests WHERE status = 'pending' LIMIT %(limit)s
    ), oldest AS (
        SELECT id, user_id, extract(epoch FROM now() - next_attempt_at)::float8 AS waited
        FROM prompt_requests
        WHERE status = 'pending' AND next_attempt_at <= now() AND NOT awaits_text
        ORDER BY next_attempt_at LIMIT 1
    )
    SELECT
        count(*) FILTER (WHERE due),
        count(*) FILTER (WHERE NOT due AND NOT awaits_text),
        count(*) FILTER (WHERE awaits_text),
        (SELECT count(*) FROM prompt_requests WHERE status = 'generating'),
        (SELECT waited FROM oldest), (SELECT id FROM oldest), (SELECT user_id FROM oldest)
    FROM pending
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """How many could run now, run later, wait for the text of a document, and are being run.

    `waited` is for how many seconds the oldest that could run has been able to: its id and user follow. All three are
    None when none waits.
    """

    due: int
    deferred: int
    awaiting_text: int
    in_flight: int
    waited: float | None
    oldest: UUID | None
    oldest_user: int | None

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.due + self.deferred + self.awaiting_text >= MOST_COUNTED


def queue() -> Queue:
    """How it is now, from one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, {"limit": MOST_COUNTED})
        return Queue(*(cursor.fetchone() or (0, 0, 0, 0, None, None, None)))
