"""Reading a backup through, and believing nothing of it before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from config.backups import archive
from config.backups.archive import Place, Sum, document_hash, opened, places, summed
from config.backups.exceptions import Damaged, Unusable
from config.backups.manifest import MOST_BYTES, Manifest
from config.backups.progress import Meter, Say, quiet

REQUIRED = {archive.DATABASE, archive.PUBLIC_KEYS, archive.MANIFEST, archive.SEAL}


class Backup:
    """A backup whose every byte was found to be what its manifest says."""

    def __init__(self, file: BinaryIO, manifest: Manifest, sha256: str, members: dict[str, Place]) -> None:
        self._file = file
        self.manifest = manifest
        self.sha256 = sha256
        self._members = members

    def __contains__(self, name: str) -> bool:
        return name in self._members

    @property
    def has_keys(self) -> bool:
        """Whether secret keys are in it."""
        return archive.KEYS[0] in self

    def open(self, name: str) -> BinaryIO:
        """The content of a member that is no document."""
        return opened(self._file, self._members[name])

    def text(self, name: str) -> str:
        """The same of a short one, as text."""
        return self.open(name).read(MOST_BYTES).decode("utf-8", "replace")

    def documents(self) -> Iterator[tuple[str, BinaryIO]]:
        """Each document's hash and content."""
        for place in places(self._file):
            if sha256 := document_hash(place.name):
                yield sha256, opened(self._file, place)


@contextmanager
def checked(path: Path, say: Say = quiet) -> Iterator[Backup]:
    """The backup in `path`, after all of it was read and compared. Raises Damaged, or Unusable where it isn't there."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    with file:
        say("Reading the backup through.")
        yield _Reading(file, Meter(say, "Read")).run()


class _Reading:
    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        self.file = file
        self.meter = meter
        self.members: dict[str, Place] = {}
        self.sums: dict[str, Sum] = {}
        self.names = hashlib.sha256()
        self.files = self.bytes = 0
        self.last = ""

    def run(self) -> Backup:
        for place in places(self.file):
            self._take(place)
        if missing := REQUIRED - self.members.keys():
            raise Damaged(f"It lacks {', '.join(sorted(missing))}.")
        manifest = self._manifest()
        self._compare(manifest)
        return Backup(self.file, manifest, self.sums[archive.MANIFEST].sha256, self.members)

    def _take(self, place: Place) -> None:
        found = summed(opened(self.file, place), lambda chunk: self.meter.add(len(chunk)))
        if sha256 := document_hash(place.name):
            self._take_document(sha256, found)
        elif place.name in self.members:
            raise Damaged(f"It holds {place.name} twice.")
        else:
            self.members[place.name] = place
            self.sums[place.name] = found

    def _take_document(self, sha256: str, found: Sum) -> None:
        if found.sha256 != sha256 or sha256 <= self.last:
            raise Damaged(f"The document {sha256} is not what was written, or stands in the wrong place.")
        self.last = sha256
        self.names.update(f"{sha256}\n".encode())
        self.files += 1
        self.bytes += found.size

    def _manifest(self) -> Manifest:
        place = self.members[archive.MANIFEST]
        told = opened(self.file, self.members[archive.SEAL]).read(archive.BLOCK)
        if place.size > MOST_BYTES or told != f"{self.sums[archive.MANIFEST].sha256}\n".encode():
            raise Damaged("Its manifest is not what was written.")
        return Manifest.from_json(opened(self.file, place).read())

    def _compare(self, manifest: Manifest) -> None:
        found = {name: found for name, found in self.sums.items() if name not in {archive.MANIFEST, archive.SEAL}}
        wrong = [name for name in sorted({*found, *manifest.members}) if found.get(name) != manifest.members.get(name)]
        if wrong:
            raise Damaged(f"Not what was written: {', '.join(wrong)}.")
        told = manifest.documents
        if (told.files, told.bytes, told.sha256) != (self.files, self.bytes, self.names.hexdigest()):
            raise Damaged("Documents are missing, or were added.")
