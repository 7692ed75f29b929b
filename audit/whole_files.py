"""Files that appear whole under their name, or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

#: What a process that was killed leaves has this ending, and is none.
ENDING = ".part"


@contextmanager
def whole_file(path: Path, mode: str = "w+b", *, replace: bool = True, **how: Any) -> Iterator[IO[Any]]:
    """A new file of mode 0600 that takes the name `path` once it is complete and on disk.

    `mode` and `how` are those of `open`. Raises OSError, also for a folder, a link (such as /dev/stdout), a device or a
    pipe, which would be gone, and FileExistsError for what is there where `replace` is not said; an error inside the
    context leaves nothing.
    """
    _refuse_existing(path, replace=replace)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=ENDING)
    try:
        with os.fdopen(descriptor, mode, **how) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(path, replace=replace)
        Path(name).replace(path)
        sync_folder(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def may_be_replaced(path: Path) -> bool:
    """Whether there is nothing, or a plain file: a folder, a link, a device or a pipe would be gone."""
    return not path.is_symlink() and (path.is_file() or not path.exists())


def sync_folder(folder: Path) -> None:
    """Have the names in it reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_existing(path: Path, *, replace: bool) -> None:
    if not may_be_replaced(path):
        raise OSError(errno.EINVAL, "it is a folder, a link, a device or a pipe", str(path))
    if not replace and path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
