"""`manage.py verify_backup FILE`: whether a backup is worth something, and how far it reaches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backups.console import ending_well
from config.backups.exceptions import DONE
from config.backups.verifying import verify


class Command(BaseCommand):
    help = (
        "Read a backup through and compare everything with its manifest; with --deep, restore it into a database of "
        "its own, which is thrown away, and verify the audit log there. Exit code: 0 whole; 1 damaged; 2 against a "
        "checkpoint or a key; 3 whole, but files of documents were missing when it was made; 64 it could not check."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", type=Path, help="what manage.py backup wrote")
        add("--deep", action="store_true", help="restore it, too; takes room in TMPDIR for the whole database")
        add("--checkpoints", type=Path, metavar="FILE", help="the newest checkpoints, to say which the backup lacks")
        add("--public-key", action="append", default=[], metavar="KEY", help="believe only this key, in base64")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        given = {"deep": options["deep"], "checkpoints": options["checkpoints"], "public_keys": options["public_key"]}
        with ending_well():
            verdict = verify(file.absolute(), say=self.stderr.write, **given)
        for line in verdict.lines:
            self.stdout.write(line)
        if verdict.exit_code != DONE:
            sys.exit(verdict.exit_code)
        self.stdout.write("Whole.")
