"""Writing a backup, while everything else goes on."""

from __future__ import annotations

import base64
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction

from audit import keys, log
from config.backups import archive, clients, copying, facts
from config.backups.archive import Sum, Writer
from config.backups.clients import Program
from config.backups.drafts import draft, refuse_existing
from config.backups.facts import Facts
from config.backups.manifest import DocumentFacts, Manifest
from config.backups.progress import Meter, Say, quiet

STARTED, MADE = "backup.started", "backup.made"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written: its manifest, the SHA-256 of that, which names the backup, and the bytes of all."""

    manifest: Manifest
    sha256: str
    size: int


def backup(path: Path, *, force: bool = False, with_keys: bool = False, say: Say = quiet) -> Made:
    """Write all that this installation holds to `path`: database, documents, checkpoints, public keys.

    With `with_keys` also the secret ones, which open everything. The audit log tells that it was begun, before anything
    leaves the database, and what was made. Raises BackupError; nothing stands under `path` then. Not inside a
    transaction.
    """
    refuse_existing(path, force=force)
    program = clients.find("pg_dump", at_least=facts.server_major())
    _note(STARTED, {"file": path.name, "with_keys": with_keys})
    with draft(path, force=force) as file:
        maker = _Maker(Writer(file, Meter(say, "Written").add), program, say)
        made = maker.make(file, with_keys=with_keys)
        # Nothing may stand under the name of which the log says nothing, and what it tells of is on disk.
        os.fsync(file.fileno())
        _note(MADE, _details(path, made, with_keys=with_keys))
    return made


@transaction.atomic
def _note(action: str, details: dict[str, object]) -> None:
    log.append(action, actor=None, details=details)


def _details(path: Path, made: Made, *, with_keys: bool) -> dict[str, object]:
    documents = made.manifest.documents
    return {
        "file": path.name,
        "size": made.size,
        "manifest_sha256": made.sha256,
        "snapshot_at": made.manifest.made_at,
        "documents": documents.files,
        "documents_absent": documents.absent,
        "with_keys": with_keys,
    }


class _Maker:
    """Writes the members in their order: what proves the log first, as it must not know more than the dump."""

    def __init__(self, writer: Writer, program: Program, say: Say) -> None:
        self.writer = writer
        self.program = program
        self.say = say
        self.members: dict[str, Sum] = {}

    def make(self, file: BinaryIO, *, with_keys: bool) -> Made:
        self._add_proofs()
        if with_keys:
            self._add_keys()
        with tempfile.TemporaryFile() as hashes:
            found = self._dump(cast(BinaryIO, hashes))
            self.say("Copying the documents.")
            documents = copying.copy(cast(BinaryIO, hashes), self.writer)
        manifest = self._manifest(found, documents)
        sha256 = self._seal(manifest)
        return Made(manifest, sha256, file.tell())

    def _add(self, name: str, content: BinaryIO) -> None:
        self.members[name] = self.writer.add(name, content)

    def _add_text(self, name: str, text: str) -> None:
        self._add(name, io.BytesIO(text.encode()))

    def _add_proofs(self) -> None:
        trusted = keys.trusted_keys()
        self._add_text(archive.PUBLIC_KEYS, "".join(f"{keys.encoded(key)}\n" for key in trusted.values()))
        try:
            with settings.AUDIT_CHECKPOINT_FILE.open("rb") as file:
                self._add(archive.CHECKPOINTS, file)
        except FileNotFoundError:
            self.say("Notice: there is no file of checkpoints on this machine, so none is in the backup.")

    def _add_keys(self) -> None:
        signing = base64.b64encode(keys.signing_key().private_bytes_raw()).decode()
        values = (settings.SECRET_KEY, settings.JWT_SIGNING_KEY, signing)
        for name, value in zip(archive.KEYS, values, strict=True):
            self._add_text(name, f"{value}\n")

    def _dump(self, hashes: BinaryIO) -> Facts:
        self.say("Counting the rows of the database.")
        with facts.snapshot() as found:
            copying.keep_hashes(facts.document_hashes(), hashes)
            self.say("Dumping the database.")
            with clients.dump(self.program, clients.here(), found.snapshot) as content:
                self._add(archive.DATABASE, content)
        return found

    def _manifest(self, found: Facts, documents: DocumentFacts) -> Manifest:
        return Manifest(
            made_at=found.made_at,
            release=str(settings.SPECTACULAR_SETTINGS["VERSION"]),
            server=facts.server_major(),
            dump=self.program.major,
            tables=found.tables,
            migrations=found.migrations,
            chain=found.chain,
            members=self.members,
            documents=documents,
        )

    def _seal(self, manifest: Manifest) -> str:
        """Write the manifest and its hash, with which the archive ends."""
        written = self.writer.add(archive.MANIFEST, io.BytesIO(manifest.as_json()))
        self.writer.add(archive.SEAL, io.BytesIO(f"{written.sha256}\n".encode()))
        self.writer.finish()
        return written.sha256
