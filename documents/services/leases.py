"""The right to read a file: how a worker takes it, keeps it and gives it back.

As with requests (prompts/services/execution.py), a claim is a lease with a token that every later write names. When the
lease has gone to somebody else, the write changes no row. All clocks are the database's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from documents.models import DocumentFile
from documents.models.document_file import ReadingState
from documents.reading import reader_name

logger = logging.getLogger(__name__)

#: A file that was brought in for another reader (an upgrade, other language data) is left to that one for so long.
OTHER_READER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """The right to read one file, until `token` is outdated."""

    file_id: int
    token: int
    sha256: str

    @property
    def lease(self) -> tuple[int, int]:
        """What a write must still hold."""
        return (self.file_id, self.token)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is; `page_count` is None until the file was opened."""

    page_count: int | None = None
    pages_read: int = 0


_CLAIM = """
    WITH due AS (
        SELECT id FROM document_files
        WHERE state = 'pending' AND (reader = %(reader)s OR created_at < now() - make_interval(secs => %(patience)s))
        ORDER BY priority, id
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE document_files AS f SET
        state = 'reading',
        attempts = attempts + 1,
        lease_token = lease_token + 1,
        lease_expires_at = now() + make_interval(secs => %(lease)s),
        page_count = NULL,
        pages_read = 0
    FROM due WHERE f.id = due.id
    RETURNING f.id, f.lease_token, f.sha256, f.reader
"""


@transaction.atomic(durable=True)
def claim(limit: int) -> list[Reading]:
    """Take up to `limit` files that wait to be read: first those that a person waits for, then the oldest."""
    values: dict[str, int | float | str] = {
        "limit": limit,
        "reader": reader_name(),
        "patience": OTHER_READER_SECONDS,
        "lease": settings.LEASE_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = cursor.fetchall()
    for file_id, _token, _sha256, reader in rows:
        if reader != values["reader"]:
            logger.warning("File %d was brought in for %s and is read by %s.", file_id, reader, values["reader"])
    return [Reading(*row[:3]) for row in rows]


_HEARTBEAT = """
    WITH held AS (
        SELECT f.id, mine.page_count, mine.pages_read FROM document_files AS f
        JOIN unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[]) AS mine(id, token, page_count, pages_read)
            ON f.id = mine.id AND f.lease_token = mine.token
        WHERE f.state = 'reading'
        ORDER BY f.id FOR NO KEY UPDATE OF f
    )
    UPDATE document_files AS f SET
        lease_expires_at = now() + make_interval(secs => %s), page_count = held.page_count, pages_read = held.pages_read
    FROM held WHERE f.id = held.id
    RETURNING f.id, f.lease_token
"""


@transaction.atomic(durable=True)
def heartbeat(progress: Mapping[Reading, Progress]) -> set[Reading]:
    """Renew the leases of these readings and show how far they are. Returns those that are lost."""
    columns: tuple[list[Any], ...] = (
        [reading.file_id for reading in progress],
        [reading.token for reading in progress],
        [of.page_count for of in progress.values()],
        [of.pages_read for of in progress.values()],
    )
    with connection.cursor() as cursor:
        cursor.execute(_HEARTBEAT, [*columns, settings.LEASE_SECONDS])
        held = set(cursor.fetchall())
    return {reading for reading in progress if reading.lease not in held}


def held(reading: Reading) -> DocumentFile | None:
    """The file, locked, as long as the lease on it is held."""
    rows = DocumentFile.objects.select_for_update(no_key=True)
    return rows.filter(pk=reading.file_id, lease_token=reading.token, state=ReadingState.READING).first()


def end(file: DocumentFile, **values: Any) -> None:
    """End the lease on a locked file and write `values`, a state among them; who held it writes nothing any more."""
    is_final = values["state"] in (ReadingState.READ, ReadingState.FAILED)
    DocumentFile.objects.filter(pk=file.pk).update(
        lease_token=F("lease_token") + 1, lease_expires_at=None, read_at=Now() if is_final else None, **values
    )
