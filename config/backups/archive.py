"""The file of a backup: a plain tar, written and read in one direction, whatever its size.

Only regular members with names of ours are written or accepted, so that none can lead anywhere; no name is ever used as
a path. A file that was cut short has no end, and is no backup.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from tarfile import TarInfo
from typing import BinaryIO, NamedTuple

from config.backups.exceptions import Damaged

BLOCK = tarfile.BLOCKSIZE
CHUNK_BYTES = 1 << 18

DATABASE = "database.dump"
CHECKPOINTS = "audit-checkpoints.jsonl"
PUBLIC_KEYS = "audit-public-keys"
MANIFEST = "manifest.json"
#: SHA-256 of the manifest, in hexadecimal digits; the last member.
SEAL = "manifest.sha256"
KEYS = ("keys/secret-key", "keys/jwt-signing-key", "keys/audit-signing-key")
DOCUMENT = re.compile(r"documents/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
NO_BACKUP = "This is no backup, or its beginning is damaged: manage.py backup writes something else."
KNOWN = {DATABASE, CHECKPOINTS, PUBLIC_KEYS, MANIFEST, SEAL, *KEYS}


class Place(NamedTuple):
    """Where a member's content lies in the file."""

    name: str
    offset: int
    size: int


class Sum(NamedTuple):
    """The length of a content in bytes, and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


def document_name(sha256: str) -> str:
    """What the content of that hash is called in the archive, as in the folder of documents."""
    return f"documents/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def document_hash(name: str) -> str | None:
    """The hash in the name of a document; None for another member."""
    match = DOCUMENT.fullmatch(name)
    return match[3] if match else None


def summed(content: BinaryIO, take: Callable[[bytes], object] = len) -> Sum:
    """Read `content` to its end, and give each piece to `take`."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        take(chunk)
    return Sum(size, digest.hexdigest())


class Writer:
    """Appends members to `file`, which can be sought in. `tell` hears of every piece that was written."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], object] | None = None) -> None:
        self._file = file
        self._tell = tell
        self._last = 0

    def add(self, name: str, content: BinaryIO) -> Sum:
        """Write all of `content`, whose length nobody has to know before. Raises OSError."""
        self._last = self._file.tell()
        self._file.write(bytes(BLOCK))
        written = summed(content, self._take)
        self._file.write(bytes(-written.size % BLOCK))
        end = self._file.tell()
        self._file.seek(self._last)
        self._file.write(_header(name, written.size))
        self._file.seek(end)
        return written

    def take_back(self) -> None:
        """Forget the member that was added last."""
        self._file.seek(self._last)
        self._file.truncate()

    def finish(self) -> None:
        """Write what tells a whole archive from one that was cut short."""
        self._file.write(bytes(2 * BLOCK))

    def _take(self, chunk: bytes) -> None:
        self._file.write(chunk)
        if self._tell is not None:
            self._tell(len(chunk))


def _header(name: str, size: int) -> bytes:
    info = TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(time.time())
    # GNU's way of writing large sizes needs no second block.
    return info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def places(file: BinaryIO) -> Iterator[Place]:
    """The members in their order. Raises Damaged for anything that `Writer` doesn't write."""
    offset = 0
    while place := _place(file, offset):
        yield place
        offset = place.offset + place.size + -place.size % BLOCK


def _place(file: BinaryIO, offset: int) -> Place | None:
    file.seek(offset)
    block = file.read(BLOCK)
    if block == bytes(BLOCK):
        _check_end(file.read(BLOCK + 1))
        return None
    try:
        info = TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise Damaged(f"It ends early, or is damaged, at byte {offset}." if offset else NO_BACKUP) from error
    if info.type != tarfile.REGTYPE or info.size < 0 or not _is_known(info.name):
        raise Damaged(f"It holds what no backup holds: {info.name!r} at byte {offset}.")
    return Place(info.name, offset + BLOCK, info.size)


def _is_known(name: str) -> bool:
    return name in KNOWN or document_hash(name) is not None


def _check_end(rest: bytes) -> None:
    if rest != bytes(BLOCK):
        raise Damaged("It ends early, or something was added to its end.")


class Part(io.RawIOBase):
    """The content of one member, as a file. Reading raises Damaged where the archive ends before it."""

    def __init__(self, file: BinaryIO, place: Place) -> None:
        self._file = file
        self._name = place.name
        self._position = place.offset
        self._end = place.offset + place.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._end - self._position)
        self._file.seek(self._position)
        chunk = self._file.read(wanted)
        if len(chunk) < wanted:
            raise Damaged(f"It ends in the middle of {self._name}.")
        buffer[:wanted] = chunk
        self._position += wanted
        return wanted


def opened(file: BinaryIO, place: Place) -> BinaryIO:
    """The content of a member, to be read."""
    return io.BufferedReader(Part(file, place), CHUNK_BYTES)
