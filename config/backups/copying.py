"""Copying the files of documents into a backup, after the dump that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from config.backups import facts
from config.backups.archive import Writer, document_name
from config.backups.manifest import MOST_NAMED, DocumentFacts
from documents.storage import path_of

HASH_LINE_BYTES = 65
AT_A_TIME = 1_000


def keep_hashes(hashes: Iterable[str], file: BinaryIO) -> None:
    """Write hashes to a file, from which `copy` takes them once the transaction that knows them has ended."""
    file.writelines(f"{sha256}\n".encode() for sha256 in hashes)
    file.seek(0)


def copy(file: BinaryIO, writer: Writer) -> DocumentFacts:
    """Add the content of each hash in `file`. What isn't there is counted. Raises OSError."""
    return _Copy(writer).run(file)


@dataclass
class _Copy:
    writer: Writer
    files: int = 0
    bytes: int = 0
    absent: int = 0
    erased: int = 0
    named: list[str] = field(default_factory=list)

    def run(self, hashes: BinaryIO) -> DocumentFacts:
        digest = hashlib.sha256()
        for some in _groups(hashes):
            absent = [sha256 for sha256 in some if not self._add(sha256, digest)]
            self._miss(absent)
        return DocumentFacts(self.files, self.bytes, digest.hexdigest(), self.absent, self.named, self.erased)

    def _add(self, sha256: str, names: hashlib._Hash) -> bool:
        """Whether a file of this content lay where it belongs."""
        try:
            with path_of(sha256).open("rb") as content:
                written = self.writer.add(document_name(sha256), cast(BinaryIO, content))
        except FileNotFoundError:
            return False
        if written.sha256 != sha256:
            self.writer.take_back()
            return False
        names.update(f"{sha256}\n".encode())
        self.files += 1
        self.bytes += written.size
        return True

    def _miss(self, absent: list[str]) -> None:
        """Take up what was not there; what no row names any more has been erased since the dump."""
        if not absent:
            return
        named = facts.still_named(absent)
        missing = [sha256 for sha256 in absent if sha256 in named]
        self.absent += len(missing)
        self.erased += len(absent) - len(missing)
        self.named += missing[: MOST_NAMED - len(self.named)]


def _groups(hashes: BinaryIO) -> Iterator[list[str]]:
    while chunk := hashes.read(AT_A_TIME * HASH_LINE_BYTES):
        yield chunk.decode("ascii").split()
