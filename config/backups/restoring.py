"""Bringing a backup back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from audit.services import sealing
from audit.services.verification import Verification, verify
from config import bootstrap
from config.backups import afterwards, clients, covering, facts, proofs, target
from config.backups.archive import DATABASE, summed
from config.backups.checking import Backup, checked
from config.backups.clients import Program
from config.backups.covering import Coverage
from config.backups.exceptions import DONE, INCOMPLETE, BackupError, Refused
from config.backups.manifest import Manifest
from config.backups.progress import Meter, Say, quiet
from documents import storage


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, what was done to it since, and what the audit log's verification says.

    `moved` is where the checkpoints lie that were here before; `coverage` says what they know that the backup doesn't.
    """

    manifest: Manifest
    migrations: int
    requests: int
    files: int
    verification: Verification
    moved: Path | None
    coverage: Coverage | None

    @property
    def exit_code(self) -> int:
        """INCOMPLETE where the log isn't whole, or files of documents were missing when the backup was made."""
        whole = self.verification.report.exit_code == DONE and not self.manifest.documents.absent
        return DONE if whole else INCOMPLETE


def restore(
    path: Path, *, replace: bool = False, force: bool = False, with_keys: bool = False, say: Say = quiet
) -> Restored:
    """Bring the backup in `path` into this installation's database and folders, and make them ready for work.

    `replace` gives up what the database holds; `force` doesn't mind who is connected. With `with_keys` the secret keys
    of the backup take the place of those here. Raises BackupError: the database is then what it was before, and all
    that may be left are files of documents, which harm nobody. Not inside a transaction.
    """
    with checked(path, say) as backup:
        program = _ready(backup, replace=replace, force=force, with_keys=with_keys)
        _store_documents(backup, say)
        _restore_database(backup, program, say)
        proofs.believe_keys(backup)
        moved = proofs.bring_checkpoints(backup)
        if with_keys:
            proofs.bring_keys(backup, say)
        return _finish(backup, moved, say)


def _ready(backup: Backup, *, replace: bool, force: bool, with_keys: bool) -> Program:
    """What is needed is here, and nothing speaks against it. Raises BackupError."""
    if with_keys and not backup.has_keys:
        raise Refused("There are no secret keys in it: it was made without --with-keys.")
    target.refuse_newer(backup.manifest)
    target.refuse_full(replace=replace)
    if not force:
        target.refuse_others()
    return clients.find("pg_restore", at_least=backup.manifest.dump)


def _store_documents(backup: Backup, say: Say) -> None:
    """Before the rows that name them. What is there already is not written again."""
    say("Storing the documents.")
    meter = Meter(say, "Stored")
    try:
        for sha256, content in backup.documents():
            if not _is_stored(sha256):
                meter.add(storage.store(content, limit=backup.manifest.documents.bytes).size)
    except OSError as error:
        raise BackupError(f"The documents can't be stored: {error}. The database was not touched.") from error


def _is_stored(sha256: str) -> bool:
    """Whether the content is there and whole. One that is damaged is taken away, to be stored anew."""
    path = storage.path_of(sha256)
    if not path.exists():
        return False
    with path.open("rb") as content:
        is_whole = summed(cast(BinaryIO, content)).sha256 == sha256
    if not is_whole:
        storage.remove(sha256)
    return is_whole


def _restore_database(backup: Backup, program: Program, say: Say) -> None:
    say("Restoring the database.")
    with target.emptied():
        clients.restore(program, clients.here(), backup.open(DATABASE))
        say("Counting the rows of the database.")
        target.compare(backup.manifest, facts.count_tables())


def _finish(backup: Backup, moved: Path | None, say: Say) -> Restored:
    say("Bringing the tables up to date, and giving back what was under way.")
    migrations = bootstrap.migrate()
    requests, files = afterwards.release_requests(), afterwards.release_files()
    afterwards.note(backup)
    sealing.seal()
    say("Verifying the audit log.")
    verification = verify()
    coverage = covering.compare(moved, backup.manifest.chain.size, verification.chain.keys) if moved else None
    return Restored(backup.manifest, migrations, requests, files, verification, moved, coverage)
