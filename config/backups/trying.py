"""Bringing a backup into a database of its own, which is thrown away: what proves that it can be brought back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql

from audit.verifier import BROKEN, CONTRADICTED, LATE, WHOLE
from config.backups import archive, clients, covering, target
from config.backups.checking import Backup
from config.backups.exceptions import BackupError, Unusable
from config.backups.progress import Say
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE, USER, EmbeddedPostgres
from config.embedded.processes import plain_environment

#: Exit codes of a verification; another one is an accident.
PROVED = (WHOLE, BROKEN, CONTRADICTED, LATE)
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'"


@dataclass(frozen=True, slots=True)
class Tried:
    """What the verification of the audit log said of the database that came out, and its exit code."""

    exit_code: int
    lines: list[str]


def try_out(
    backup: Backup, *, checkpoints: Path | None, believed: Iterable[str], pinned: Sequence[str], say: Say
) -> Tried:
    """Restore into a throw-away server, count the rows, bring the tables up to date and verify the audit log.

    `checkpoints` are compared as well. Those of `believed` keys count; where some are `pinned`, one of them must have
    signed. Needs as much room in the folder of temporary files as the database takes. Raises BackupError.
    """
    program = clients.find("pg_restore", at_least=backup.manifest.dump)
    with _server() as paths:
        say("Restoring into a throw-away database.")
        clients.restore(program, clients.of_embedded(paths, USER, DATABASE), backup.open(archive.DATABASE))
        target.compare(backup.manifest, _count_tables(paths))
        _lay_out(backup, paths.data_dir, checkpoints, believed)
        say("Verifying the audit log.")
        return _prove(paths.data_dir, pinned)


@contextmanager
def _server() -> Iterator[EmbeddedPaths]:
    folder = Path(tempfile.mkdtemp(prefix="aipm-"))
    # The account that runs the server has to get through, not to read.
    folder.chmod(0o711)
    try:
        paths = EmbeddedPaths(folder / ".data")
        with EmbeddedPostgres(paths, durable=False):
            yield paths
    except EmbeddedServerError as error:
        raise Unusable(f"There is no database to try it in: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _count_tables(paths: EmbeddedPaths) -> dict[str, int]:
    host = str(paths.postgres_socket_dir)
    with psycopg.connect(host=host, user=USER, dbname=DATABASE) as connection:
        names = [name for (name,) in connection.execute(_TABLES, [clients.SCHEMA]).fetchall()]
        statement = sql.SQL("SELECT count(*) FROM {}")
        counted = {}
        for name in names:
            row = connection.execute(statement.format(sql.Identifier(clients.SCHEMA, name))).fetchone()
            counted[name] = int(row[0]) if row else 0
        return counted


def _lay_out(backup: Backup, folder: Path, checkpoints: Path | None, believed: Iterable[str]) -> None:
    """What the verification looks for beside the database: keys, the backup's checkpoints, and those that were kept."""
    (folder / archive.PUBLIC_KEYS).write_text("".join(f"{key}\n" for key in believed), "ascii")
    with (folder / archive.CHECKPOINTS).open("wb") as file:
        if archive.CHECKPOINTS in backup:
            shutil.copyfileobj(backup.open(archive.CHECKPOINTS), file)
        if checkpoints is not None:
            file.writelines(covering.reached_lines(checkpoints, backup.manifest.chain.size))


def _prove(folder: Path, public_keys: Sequence[str]) -> Tried:
    """In a process that gets nothing of this installation's keys and addresses."""
    environment = plain_environment() | {
        "DATA_DIR": str(folder),
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    command = [sys.executable, "-m", "config.backups.proving", *public_keys]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in PROVED:
        raise BackupError(f"The database that came out of it can't be worked with: {done.stderr.strip()}")
    return Tried(done.returncode, done.stdout.splitlines())
