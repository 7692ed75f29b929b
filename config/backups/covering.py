"""Up to which checkpoint a database reaches, compared with checkpoints that were kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.verifier import Checkpoint, Report, read_checkpoints
from config.backups.exceptions import Unusable
from prompts.management.counting import counted


@dataclass(slots=True)
class Coverage:
    """What the file knows of the chain: the last checkpoint that the database reaches, and those that it doesn't.

    `unbelieved` are signed with no key that is trusted, or can't be read, and say nothing.
    """

    reached: Checkpoint | None = None
    missing: int = 0
    first: Checkpoint | None = None
    last: Checkpoint | None = None
    unbelieved: int = 0

    def lines(self) -> Iterator[str]:
        """For people."""
        if self.reached:
            links = counted(self.reached.size, "link")
            yield f"The checkpoints that were kept reach it up to {links}, of {self.reached.at}."
        if self.first and self.last:
            yield (
                f"Missing of those that were kept: {counted(self.missing, 'checkpoint')}, "
                f"from {counted(self.first.size, 'link')} of {self.first.at} "
                f"to {counted(self.last.size, 'link')} of {self.last.at}. What was written in that time is not in it."
            )
        else:
            yield "No checkpoint that was kept is missing."
        if self.unbelieved:
            yield f"Notice: {self.unbelieved} of the checkpoints can't be read, or no trusted key has signed them."


def compare(path: Path, size: int, keys: Mapping[str, Ed25519PublicKey]) -> Coverage:
    """What the checkpoints in `path` say of a chain of `size` links. Raises Unusable for a file that can't be read."""
    coverage, report = Coverage(), Report()
    for checkpoint in _read(path, report):
        _take(coverage, checkpoint, size, keys)
    coverage.unbelieved += len(report.notices)
    return coverage


def reached_lines(path: Path, size: int) -> Iterator[bytes]:
    """Those checkpoints in `path` that speak of a chain of `size` links, as lines of such a file. Raises Unusable."""
    for checkpoint in _read(path, Report()):
        if checkpoint.size <= size:
            yield f"\n{json.dumps(checkpoint.as_dict(), sort_keys=True)}".encode()


def _read(path: Path, report: Report) -> Iterator[Checkpoint]:
    try:
        yield from (checkpoint for _place, checkpoint in read_checkpoints(str(path), report))
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error


def _take(coverage: Coverage, checkpoint: Checkpoint, size: int, keys: Mapping[str, Ed25519PublicKey]) -> None:
    if checkpoint.fault(keys):
        coverage.unbelieved += 1
    elif checkpoint.size <= size:
        coverage.reached = max(coverage.reached or checkpoint, checkpoint)
    else:
        coverage.missing += 1
        coverage.first = min(coverage.first or checkpoint, checkpoint)
        coverage.last = max(coverage.last or checkpoint, checkpoint)
