"""What a ZIP archive holds. Nothing of it is unpacked to a path that it names."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.utils.translation import gettext as _

from documents.reading import REASONS
from documents.services.files import too_large
from documents.services.labels import clean_name, clean_path
from prompts.exceptions import InvalidInput

#: In a table of contents, an entry with a name of four hundred letters takes as much.
DIRECTORY_BYTES_AN_ENTRY = 512
LEAST_DIRECTORY_BYTES = 1 << 20
#: No document of more than LITTLE bytes shrinks to so small a part; a bomb does.
MAX_RATIO = 200
LITTLE = 1 << 20
ENCRYPTED = 0x1
#: The library unpacks the others without bound: two kilobytes of bzip2 can be six gigabytes in memory.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: What the library raises about damaged and crafted archives.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, RuntimeError, NotImplementedError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive. `name` tells it from the others, `path` is all of what the archive calls it."""

    info: zipfile.ZipInfo
    name: str
    path: str
    is_repeated: bool


class Archive:
    """A ZIP archive, within the limits of an upload."""

    def __init__(self, content: BinaryIO) -> None:
        """Raises InvalidInput on `archive` for what is none."""
        self._left = settings.UPLOAD_MAX_BYTES
        try:
            self._zip = zipfile.ZipFile(cast(Any, _Careful(content)))
        except DAMAGED as error:
            raise InvalidInput.on("archive", _("This is no ZIP archive, or it is damaged. Pack it anew.")) from error

    def entries(self) -> list[Entry]:
        """Its files without folders, hidden ones and what a Mac adds; named without folders where that is enough.

        Raises InvalidInput on `archive` when there are none, or more than a batch may have.
        """
        files = [info for info in self._zip.infolist() if not info.is_dir() and not _is_hidden(info)]
        if not files:
            raise InvalidInput.on("archive", _("The archive holds no files."))
        if len(files) > settings.BATCH_MAX_DOCUMENTS:
            text = _("The archive holds more than %(limit)d files.") % {"limit": settings.BATCH_MAX_DOCUMENTS}
            raise InvalidInput.on("archive", text)
        return list(_named(files))

    @contextmanager
    def content(self, entry: Entry) -> Iterator[BinaryIO]:
        """What a file holds, to be read in small pieces. Raises InvalidInput on `file`, also while it is read."""
        _check(entry)
        with _damage_is_told():
            unpacked = self._zip.open(entry.info)
        with unpacked:
            yield cast(BinaryIO, _Unpacked(unpacked, self))

    def spend(self, size: int) -> None:
        """Count what was unpacked. Raises InvalidInput when all together is more than an upload may be."""
        self._left -= size
        if self._left < 0:
            limit = settings.UPLOAD_MAX_BYTES // settings.MEGABYTE
            raise InvalidInput.on("file", _("The archive unpacks to more than %(limit)d MB.") % {"limit": limit})


@contextmanager
def _damage_is_told() -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        raise InvalidInput.on("file", REASONS["broken"]) from error


def _is_hidden(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    return "__MACOSX" in parts or any(part.startswith(".") and part != ".." for part in parts)


def _named(files: list[zipfile.ZipInfo]) -> Iterator[Entry]:
    paths: set[str] = set()
    names: set[str] = set()
    for info in files:
        path, name = clean_path(info.filename), clean_name(info.filename)
        yield Entry(info, path if name in names else name, path, path in paths)
        paths.add(path)
        names.add(name)


def _check(entry: Entry) -> None:
    """What the archive says of a file; what it really holds is counted when it is read."""
    if entry.is_repeated:
        raise InvalidInput.on("file", _("The archive holds this name more than once; only the first is taken."))
    if entry.info.flag_bits & ENCRYPTED:
        raise InvalidInput.on("file", REASONS["encrypted"])
    if entry.info.compress_type not in METHODS:
        raise InvalidInput.on("file", _("It is packed by a method that is not supported. Pack it as an ordinary ZIP."))
    if stat.S_ISLNK(entry.info.external_attr >> 16):
        raise InvalidInput.on("file", _("This is a link to another file. Pack the file itself."))
    if entry.info.file_size > settings.DOCUMENT_MAX_BYTES:
        raise InvalidInput.on("file", too_large())
    if entry.info.file_size > max(LITTLE, MAX_RATIO * entry.info.compress_size):
        raise InvalidInput.on("file", _("It is packed more densely than any document. Pack it anew."))


class _Unpacked:
    """A file of an archive, counted while it is read."""

    def __init__(self, content: Any, archive: Archive) -> None:
        self._content = content
        self._archive = archive

    def read(self, size: int) -> bytes:
        with _damage_is_told():
            data: bytes = self._content.read(size)
        self._archive.spend(len(data))
        return data


class _Careful:
    """Refuses to be read in one great piece: only a table of contents that was made to fill the memory is so long."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._most = max(LEAST_DIRECTORY_BYTES, DIRECTORY_BYTES_AN_ENTRY * settings.BATCH_MAX_DOCUMENTS)

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise zipfile.BadZipFile("its table of contents is too long")
        data = self._content.read(self._most + 1 if size < 0 else size)
        if len(data) > self._most:
            raise zipfile.BadZipFile("its end is too long")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)
