"""The file of a backup, in the words of backups where it can't be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from audit.whole_files import may_be_replaced, whole_file
from config.backups.exceptions import BackupError, Refused


@contextmanager
def draft(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file as `whole_file` makes it, to be written and read.

    Raises Refused where something is there already, unless `force` is said, and BackupError where it can't be written.
    """
    refuse_existing(path, force=force)
    try:
        with ExitStack() as stack:
            yield _begun(stack, path, force=force)
    except FileExistsError as error:
        raise _already_there(path) from error
    except OSError as error:
        raise BackupError(f"Nothing was written to {path}: {error}.") from error


def _begun(stack: ExitStack, path: Path, *, force: bool) -> BinaryIO:
    try:
        return cast(BinaryIO, stack.enter_context(whole_file(path, replace=force)))
    except FileExistsError:
        raise
    except OSError as error:
        raise Refused(f"{path} can't be written: {error.strerror}.") from error


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raises Refused for what is there, and for what can't be replaced."""
    if path.is_dir():
        raise Refused(f"{path} is a folder. Name the file to write.")
    if not may_be_replaced(path):
        raise Refused(f"{path} is a link, a device or a pipe, and would be gone. Name a file.")
    if path.exists() and not force:
        raise _already_there(path)


def _already_there(path: Path) -> Refused:
    return Refused(f"{path} is there already. Name another file, or say --force to replace it.")
