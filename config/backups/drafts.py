"""A file that appears whole under its name, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from audit.whole_files import ENDING, sync_folder
from config.backups.exceptions import BackupError, Refused


@contextmanager
def draft(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file of mode 0600 beside `path` that takes its place when the context ends well; on disk then.

    Raises Refused where something is there already, unless `force` is said, and BackupError where it can't be written.
    """
    refuse_existing(path, force=force)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=ENDING)
    except OSError as error:
        raise Refused(f"{path} can't be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(path, force=force)
        Path(name).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"Nothing was written to {path}: {error}.") from error
    finally:
        Path(name).unlink(missing_ok=True)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raises Refused for what is there, and for what can't be replaced."""
    if path.is_dir():
        raise Refused(f"{path} is a folder. Name the file to write.")
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is a device or a pipe, and would be gone. Name a file.")
    if path.exists() and not force:
        raise Refused(f"{path} is there already. Name another file, or say --force to replace it.")
