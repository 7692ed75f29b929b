"""Whether a backup is worth something, and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit import keys
from audit.verifier import BROKEN, CONTRADICTED, LATE, WHOLE, keyring
from config.backups import archive, clients, covering
from config.backups.checking import Backup, checked
from config.backups.exceptions import DAMAGED, DONE, INCOMPLETE, REFUSED, Damaged, Unusable
from config.backups.manifest import Manifest
from config.backups.progress import Say, quiet, readable
from config.backups.trying import Tried, try_out
from prompts.management.counting import counted

#: What the exit codes of a verification of the audit log mean for a backup.
CODES = {WHOLE: DONE, BROKEN: DAMAGED, CONTRADICTED: REFUSED, LATE: DONE}


@dataclass(slots=True)
class Verdict:
    """What is to be said of a backup, for people, and the exit code."""

    lines: list[str] = field(default_factory=list)
    exit_code: int = DONE


def verify(
    path: Path,
    *,
    deep: bool = False,
    checkpoints: Path | None = None,
    public_keys: Sequence[str] = (),
    say: Say = quiet,
) -> Verdict:
    """Read the backup through; `deep` also restores it into a database of its own and verifies its audit log there.

    Checkpoints are believed when one of `public_keys` has signed them, else one of this installation's, else one of the
    backup's own. `checkpoints` are those that were kept elsewhere. Raises BackupError.
    """
    with checked(path, say) as backup:
        manifest, verdict = backup.manifest, Verdict()
        verdict.lines += _told(backup)
        ring = _believed(backup, public_keys, verdict)
        _check_dump(backup)
        if checkpoints is not None:
            verdict.lines += covering.compare(checkpoints, manifest.chain.size, ring).lines()
        if manifest.documents.absent:
            verdict.exit_code = INCOMPLETE
        if deep:
            believed = map(keys.encoded, ring.values())
            tried = try_out(backup, checkpoints=checkpoints, believed=believed, pinned=public_keys, say=say)
            _finish(tried, verdict)
        return verdict


def _believed(backup: Backup, given: Sequence[str], verdict: Verdict) -> Mapping[str, Ed25519PublicKey]:
    """The keys to check with. Raises Unusable, or Damaged."""
    try:
        if ring := keyring(given) if given else keys.trusted_keys():
            return ring
    except ValueError as error:
        raise Unusable(str(error)) from error
    verdict.lines.append("Notice: its public keys come from itself. Name one that you trust by --public-key.")
    try:
        return keyring(backup.text(archive.PUBLIC_KEYS).split())
    except ValueError as error:
        raise Damaged("It holds what is no public key.") from error


def _check_dump(backup: Backup) -> None:
    """pg_restore can read what pg_dump wrote. Raises BackupError."""
    program = clients.find("pg_restore", at_least=backup.manifest.dump)
    if not clients.list_contents(program, backup.open(archive.DATABASE)):
        raise Damaged("The dump of the database is empty.")


def _finish(tried: Tried, verdict: Verdict) -> None:
    verdict.lines.append("Restored into a throw-away database: every table has as many rows as the manifest says.")
    verdict.lines += tried.lines
    verdict.exit_code = CODES[tried.exit_code] or verdict.exit_code


def _told(backup: Backup) -> Iterator[str]:
    manifest = backup.manifest
    yield f"Backup {backup.sha256}, of {manifest.made_at}, from PostgreSQL {manifest.server}."
    rows, requests = sum(manifest.tables.values()), manifest.tables.get("prompt_requests", 0)
    yield (
        f"Database: {counted(rows, 'row')} in {counted(len(manifest.tables), 'table')}, {counted(requests, 'request')}."
    )
    yield from documents(manifest)
    yield from audit_log(manifest)
    if backup.has_keys:
        yield "Notice: it holds SECRET KEYS. Whoever reads it can sign in as anybody, and sign checkpoints."


def documents(manifest: Manifest) -> Iterator[str]:
    """What is to be said of the files."""
    told = manifest.documents
    yield f"Documents: {counted(told.files, 'file')} of {readable(told.bytes)}."
    if told.erased:
        yield f"Notice: erased while it was made, besides: {counted(told.erased, 'file')}."
    if told.absent:
        some = ", ".join(told.named[:3])
        yield f"MISSING: {counted(told.absent, 'file')} of documents, not in the folder or damaged there: {some}."


def audit_log(manifest: Manifest) -> Iterator[str]:
    """How far the log goes, as the manifest tells."""
    chain = manifest.chain
    waiting = counted(chain.waiting, "entry", "entries")
    yield f"Audit log at that moment: {counted(chain.size, 'link')}, head {chain.head}; {waiting} waited."
    if chain.checkpoint_size is None:
        yield "The backup reaches no checkpoint: none was signed yet."
    else:
        reach = f"{counted(chain.checkpoint_size, 'link')}, signed at {chain.checkpoint_at} with key {chain.key_id}"
        yield f"The backup reaches up to the checkpoint of {reach}."
