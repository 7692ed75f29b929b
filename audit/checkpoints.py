"""Signed checkpoints: what shows that the end of the chain was cut off, or all of it replaced.

They go to a table and to an append-only file, which the owner of the database doesn't have.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from audit import chain, keys
from audit.chain import Head
from audit.models import AuditCheckpoint, AuditLink
from audit.verifier import Checkpoint, key_id

logger = logging.getLogger(__name__)

SECONDS_BETWEEN = 60
LINKS_BETWEEN = 1_000
#: A line of the file is far shorter.
TAIL_BYTES = 4_096
COPY_BATCH = 1_000


def sign(head: Head, at: datetime) -> Checkpoint:
    """A checkpoint of this end of the chain, with this installation's key. Raises as `keys.signing_key`."""
    key = keys.signing_key()
    keys.remember(key.public_key())
    name = key_id(key.public_key().public_bytes_raw())
    unsigned = Checkpoint(head.size, head.hash, stamp(at), name, b"")
    return unsigned._replace(signature=key.sign(unsigned.statement))


def stamp(at: datetime) -> str:
    """A moment as it is signed: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def of_row(row: AuditCheckpoint) -> Checkpoint:
    """What stands in a row of the table."""
    return Checkpoint(row.size, bytes(row.head), stamp(row.at), row.key_id, bytes(row.signature))


@transaction.atomic
def write_due(*, at_once: bool = False) -> Checkpoint | None:
    """Sign the end of the chain and store that, when it has grown by enough or for long enough.

    With `at_once`, when it has grown at all; then it waits for another process that is at it.
    """
    if not chain.lock(wait=at_once):
        return None
    head, last, now = chain.head(), AuditCheckpoint.objects.first(), chain.now()
    if not head.size or not _is_due(head, last, now, at_once=at_once):
        return None
    checkpoint = sign(head, now)
    AuditCheckpoint.objects.create(
        size=head.size, head=head.hash, at=now, key_id=checkpoint.key_id, signature=checkpoint.signature
    )
    return checkpoint


def _is_due(head: Head, last: AuditCheckpoint | None, now: datetime, *, at_once: bool) -> bool:
    if last is None:
        return True
    if (head.size, head.hash) == (last.size, bytes(last.head)):
        return False
    waited = (now - last.at).total_seconds()
    return at_once or head.size - last.size >= LINKS_BETWEEN or waited >= SECONDS_BETWEEN


def contradictions() -> Iterator[str]:
    """What the newest checkpoints of table and file say against the chain; cheap, and no verification."""
    last = AuditCheckpoint.objects.first()
    kept = {"table": of_row(last) if last else None, "file": last_in_file(settings.AUDIT_CHECKPOINT_FILE)}
    for place, checkpoint in kept.items():
        if checkpoint is None:
            continue
        link = AuditLink.objects.filter(seq=checkpoint.size).first()
        if link is None:
            yield f"the last checkpoint in the {place} tells {checkpoint.size} links, and the chain is shorter"
        elif bytes(link.hash) != checkpoint.head:
            yield f"the last checkpoint in the {place} tells another link at seq {checkpoint.size}"


# --- The file -----------------------------------------------------------------------------------------


def copy_to_file(path: Path) -> int:
    """Append the checkpoints of the table that are longer than the last one in the file; how many.

    So the file catches up with what other machines signed, and with the time when it could not be written.
    Raises OSError.
    """
    trusted = keys.trusted_keys()
    copied = 0
    with _locked(path) as descriptor, transaction.atomic():
        last = _last(descriptor)
        rows = AuditCheckpoint.objects.filter(size__gt=last.size if last else 0).order_by("id")
        waiting = map(of_row, rows.iterator())
        while batch := list(itertools.islice(waiting, COPY_BATCH)):
            believed = [checkpoint for checkpoint in batch if not checkpoint.fault(trusted)]
            if forged := len(batch) - len(believed):
                logger.error("%d checkpoints in the table are not signed with a key of this installation.", forged)
            _append(descriptor, believed)
            copied += len(believed)
    return copied


def last_in_file(path: Path) -> Checkpoint | None:
    """The newest checkpoint in the file, or None where there is none that can be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return _last(file.fileno())
    except OSError:
        return None


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, opened for appending by one process at a time; made with mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _append(descriptor: int, checkpoints: Iterable[Checkpoint]) -> None:
    lines = "".join(f"{json.dumps(checkpoint.as_dict(), sort_keys=True)}\n" for checkpoint in checkpoints)
    if lines:
        # What a full disk has left of a line must not swallow the next one.
        broken = not _tail(descriptor).endswith(b"\n")
        _write(descriptor, (b"\n" if broken else b"") + lines.encode())
        os.fsync(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _tail(descriptor: int) -> bytes:
    """The end of the file; of an empty one, a line's end."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, TAIL_BYTES, max(0, size - TAIL_BYTES)) or b"\n"


def _last(descriptor: int) -> Checkpoint | None:
    for line in reversed(_tail(descriptor).splitlines()):
        try:
            return Checkpoint.from_dict(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue
    return None
