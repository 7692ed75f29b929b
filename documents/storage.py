"""Files on disk, under the hash of what they hold.

A file is written whole or not at all, and never changes: what is there once may be read by every process at any time.
The names that people give are no part of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from audit.whole_files import sync_folder

CHUNK_BYTES = 1 << 18
#: As much of the beginning as tells what kind of file it is.
HEAD_BYTES = 4096
#: An upload that is older was broken off: nothing takes so long.
LEFTOVER_SECONDS = 86_400
SHA256 = re.compile(r"[0-9a-f]{64}")


class TooLarge(Exception):
    """The content is longer than its limit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content on disk: its hash in hexadecimal digits, its size in bytes, and its first HEAD_BYTES."""

    sha256: str
    size: int
    head: bytes


def store(content: BinaryIO, *, limit: int, check: Callable[[Stored], object] | None = None) -> Stored:
    """Keep what can be read from `content`, at most `limit` bytes. When this returns, a power cut can't lose it.

    Nothing is written a second time where it is there already. `check` sees what is to be kept and may refuse it by
    raising. Raises TooLarge, and what `check` raises; nothing is left then.
    """
    descriptor, name = tempfile.mkstemp(dir=incoming(), prefix="file-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            stored = _copy(content, file, limit)
            if check is not None:
                check(stored)
            file.flush()
            os.fsync(file.fileno())
        _move(Path(name), path_of(stored.sha256))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return stored


def path_of(sha256: str) -> Path:
    """Where the content of that hash lies, if it was stored. Raises ValueError for what is no hash."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return Path(settings.MEDIA_ROOT) / "documents" / sha256[:2] / sha256[2:4] / sha256


def incoming() -> Path:
    """The folder of what is still being written, on the same disk as what is kept. It is made when it is missing."""
    return _folder(Path(settings.MEDIA_ROOT) / "incoming")


def remove(sha256: str) -> None:
    """Take a content off the disk; when this returns, a power cut can't bring it back. Not there is as good as gone."""
    path = path_of(sha256)
    if path.exists():
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def note(sha256: str) -> Path:
    """Note that this content is about to lie here before its row does. Remove the file once the row is committed."""
    descriptor, name = tempfile.mkstemp(dir=_notes(), prefix=f"{sha256}.")
    os.close(descriptor)
    return Path(name)


def old_notes() -> list[Path]:
    """Those whose row never came, of contents that nobody is bringing any more; `noted` tells which."""
    oldest = time.time() - LEFTOVER_SECONDS
    return [path for path in _notes().iterdir() if _is_older(path, oldest)]


def noted(path: Path) -> str:
    """The hash of the content that a note is about."""
    return path.name.partition(".")[0]


def is_writable() -> bool:
    """Whether files can be stored here. Asks the disk, so that a missing one shows."""
    try:
        return os.access(incoming(), os.W_OK | os.X_OK)
    except OSError:
        return False


def remove_leftovers() -> int:
    """Remove what killed processes left half written or half uploaded; how many files that were."""
    oldest = time.time() - LEFTOVER_SECONDS
    folders = {incoming(), Path(settings.FILE_UPLOAD_TEMP_DIR or incoming())}
    leftovers = [path for folder in folders for path in folder.iterdir() if _is_older(path, oldest)]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _notes() -> Path:
    return _folder(Path(settings.MEDIA_ROOT) / "without-row")


def _is_older(path: Path, oldest: float) -> bool:
    """Whether it was last written before that time; uploads come and go while the folder is looked through."""
    try:
        return path.lstat().st_mtime < oldest
    except FileNotFoundError:
        return False


def _copy(content: BinaryIO, file: BinaryIO, limit: int) -> Stored:
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := content.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit:
            raise TooLarge
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
        digest.update(chunk)
        file.write(chunk)
    return Stored(digest.hexdigest(), size, head)


def _move(source: Path, target: Path) -> None:
    if target.exists():
        source.unlink()
    else:
        _folder(target.parent)
        source.replace(target)
    # Also what another process has put there, perhaps just now.
    sync_folder(target.parent)


def _folder(path: Path) -> Path:
    """Make it for this account alone, with what is missing above it; each new name is on disk before it is used."""
    if path.is_dir():
        return path
    _folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)
    return path
