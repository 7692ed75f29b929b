"""`manage.py restore FILE`: bring a backup back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from audit.verifier import WHOLE
from config.backups import servers, verifying
from config.backups.console import ending_well
from config.backups.exceptions import DONE, Refused
from config.backups.restoring import Restored, restore
from prompts.management.counting import counted

AGAIN = (
    "Notice: what was erased or taken away since {} is there again: texts, people, tokens, passwords, roles. Run "
    "purge_requests, and erase_person for whoever was erased since; take away again what nobody may have."
)


class Command(BaseCommand):
    help = (
        "Bring a backup into this installation's database and folders: those of DATABASE_URL and DATA_DIR. Stop web, "
        "worker and scheduler first. Exit code: 0 restored; 1 failed, the database is as it was; 2 refused, nothing "
        "was touched; 3 restored, but the audit log isn't whole or files of documents are missing; 64 a program that "
        "it needs is missing; 130 stopped, the database is as it was."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", type=Path, help="what manage.py backup wrote")
        add("--replace", action="store_true", help="give up everything that the database holds")
        add("--yes", action="store_true", help="don't ask before that")
        add("--force", action="store_true", help="also while others are connected to the database")
        add("--with-keys", action="store_true", help="use the secret keys of the backup from now on")

    def handle(self, *args: Any, file: Path, replace: bool, yes: bool, **options: Any) -> None:
        given = {name: options[name] for name in ("force", "with_keys")}
        with ending_well():
            if replace and not yes:
                self._ask()
            with servers.alone(), servers.at_hand():
                restored = restore(file.absolute(), replace=replace, say=self.stderr.write, **given)
        self._print(restored)
        if restored.exit_code != DONE:
            sys.exit(restored.exit_code)

    def _ask(self) -> None:
        database = settings.DATABASES["default"]
        place = f"{database['NAME']} on {database.get('HOST') or 'this machine'}"
        self.stderr.write(f"Everything in the database {place} will be lost. Type 'yes' to go on:")
        if sys.stdin.readline().strip() != "yes":
            raise Refused("Nothing was touched.")

    def _print(self, restored: Restored) -> None:
        report, chain = restored.verification.report, restored.verification.chain
        say = self.stdout.write
        migrations = counted(restored.migrations, "migration")
        say(f"Restored the backup of {restored.manifest.made_at} and ran {migrations}.")
        requests, files = counted(restored.requests, "request"), counted(restored.files, "file")
        say(f"Given back to the workers, as it was under way: {requests} and {files}.")
        for line in (*verifying.documents(restored.manifest), *verifying.audit_log(restored.manifest), *report.lines()):
            say(line)
        if restored.moved and restored.coverage:
            say(f"The checkpoints that were here lie in {restored.moved}.")
            for line in restored.coverage.lines():
                say(line)
        say(AGAIN.format(restored.manifest.made_at))
        say(f"{'Whole' if report.exit_code == WHOLE else 'NOT whole'}: {chain.summary()}")
