"""`manage.py backup FILE`: everything that this installation holds, in one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backups import servers, verifying
from config.backups.console import ending_well
from config.backups.exceptions import INCOMPLETE
from config.backups.making import backup
from config.backups.progress import readable

LOUD = (
    "WARNING: this file holds SECRET KEYS. Whoever reads it can sign in as anybody and sign checkpoints of the audit "
    "log. Keep it as you keep the keys."
)


class Command(BaseCommand):
    help = (
        "Write the database, the files of documents and the audit log's checkpoints to one file, while everything goes "
        "on. Exit code: 0 written; 1 failed, and nothing stands under the name; 2 refused; 3 written, but files of "
        "documents are missing; 64 a program that it needs is missing; 130 stopped."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write, mode 0600")
        parser.add_argument("--force", action="store_true", help="replace the file if it is there")
        parser.add_argument("--with-keys", action="store_true", help="put the secret keys in; they are left out else")

    def handle(self, *args: Any, file: Path, force: bool, with_keys: bool, **options: Any) -> None:
        with ending_well(), servers.at_hand():
            made = backup(file.absolute(), force=force, with_keys=with_keys, say=self.stderr.write)
        for line in (*verifying.documents(made.manifest), *verifying.audit_log(made.manifest)):
            self.stdout.write(line)
        if with_keys:
            self.stderr.write(LOUD)
        self.stdout.write(f"Wrote {file}: {readable(made.size)}, backup {made.sha256}.")
        if made.manifest.documents.absent:
            sys.exit(INCOMPLETE)
