"""Whether the log is whole: every entry, its columns, its link, and every checkpoint."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from audit import keys
from audit.services import reading
from audit.verifier import BROKEN, LOST, Chain, Checkpoint, Record, Report, keyring, parsed, read_checkpoints


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found, and how far the chain goes."""

    report: Report
    chain: Chain


def verify(*, checkpoint_file: Path | None = None, public_keys: Sequence[str] = ()) -> Verification:
    """Check the log as it is now, against its own checkpoints and those in the file.

    The file is AUDIT_CHECKPOINT_FILE unless given, and the keys are this installation's. Raises OSError for a given
    file that can't be read, ValueError for a public key that is none, and ImproperlyConfigured for keys of the
    installation's that are none. Not inside a transaction.
    """
    report = Report()
    # Before the snapshot: a checkpoint is in the table before it is in the file.
    kept = list(_kept(checkpoint_file, report))
    believed = keyring(public_keys) if public_keys else keys.trusted_keys()
    chain = Chain(report, believed, pinned=bool(public_keys))
    with reading.snapshot() as now:
        for number, checkpoint in reading.checkpoints():
            chain.expect(f"checkpoint {number} of the table", checkpoint)
        for place, checkpoint in kept:
            chain.expect(place, checkpoint, elsewhere=True)
        chain.follow(_records(report))
        for waiting, columns in reading.waiting():
            chain.waiting(waiting, now)
            _compare_columns(f"entry {waiting.entry}", waiting.content, columns, report)
        for what, entry in reading.lost():
            report.add(BROKEN, f"entry {entry}", LOST[what])
    return Verification(report, chain)


def _kept(given: Path | None, report: Report) -> Iterator[tuple[str, Checkpoint]]:
    path = given or settings.AUDIT_CHECKPOINT_FILE
    if given is None and not path.exists():
        report.notice("There is no file of checkpoints here, so nothing outside of the database was compared.")
        return
    yield from read_checkpoints(str(path), report)


def _records(report: Report) -> Iterator[Record]:
    """The links, with the columns of their entries checked on the way."""
    for link in reading.links():
        record = link.record
        if record.content is not None:
            _compare_columns(f"seq {record.seq} (entry {record.entry})", record.content, link.columns, report)
        yield record


def _compare_columns(place: str, content: str, columns: Sequence[Any], report: Report) -> None:
    """Report columns that differ from the content, whose own damage others report."""
    try:
        told = parsed(content)
        wrong = [path for path, value in zip(reading.COLUMNS, columns, strict=True) if not _same(told, path, value)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if wrong:
        names = ", ".join("_".join(path) for path in wrong)
        report.add(BROKEN, place, f"has columns that differ from its content: {names}")


def _same(told: Any, path: tuple[str, ...], value: Any) -> bool:
    for name in path:
        told = told[name]
    return bool(told == value) or (path == ("origin", "address") and _address(told) == _address(value))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | str:
    """PostgreSQL writes some addresses in another way than they came."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return text
