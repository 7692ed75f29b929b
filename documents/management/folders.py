"""Finding the files of a folder, and opening them without being led elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

MAX_SOURCE_LENGTH = 500


@dataclass(slots=True)
class Folder:
    """The files below a folder by their path in it, in order, and what was left out, each with why."""

    files: list[Path] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def look_through(root: Path) -> Folder:
    """All ordinary files below `root`. Links are not followed; hidden files and folders are left out."""
    folder = Folder()
    for directory, names, files in os.walk(root, onerror=lambda error: _note(folder, root, error)):
        here = Path(directory)
        hidden = [name for name in names if name.startswith(".") or (here / name).is_symlink()]
        names[:] = sorted(set(names) - set(hidden))
        for name in sorted([*files, *hidden]):
            if reason := _reason(here / name):
                folder.left_out.append((shown((here / name).relative_to(root)), reason))
            else:
                folder.files.append(here / name)
    return folder


def _note(folder: Folder, root: Path, error: OSError) -> None:
    path = Path(os.fsdecode(error.filename))
    folder.left_out.append((shown(path.relative_to(root)), f"can't be read: {error.strerror}"))


def _reason(path: Path) -> str:
    """Why it is left out; empty where it is not."""
    if path.is_symlink():
        return "a link; give the folder that it leads to"
    if path.name.startswith("."):
        return "hidden"
    return "" if path.is_file() else "no ordinary file"


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """The file to read from, unless it has become something else since. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "it is no ordinary file any more", str(path))
        yield file


def sha256_of(file: BufferedReader) -> str:
    """The hash of its content in hexadecimal digits; the file stands at its beginning again."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def shown(path: Path) -> str:
    """A path as text that can be printed and stored, also where its name is no UTF-8."""
    return os.fsencode(path).decode(errors="replace").replace("\x00", "")


def source_of(root: Path) -> str:
    """What a batch over this folder is known by: its full path, shortened where it is very long."""
    text = shown(root.resolve())
    if len(text) <= MAX_SOURCE_LENGTH:
        return text
    digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    return f"{text[: MAX_SOURCE_LENGTH - len(digest) - 1]}…{digest}"
