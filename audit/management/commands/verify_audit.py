"""`manage.py verify_audit`: whether the audit log is whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audit import keys
from audit.services.verification import Verification, verify
from audit.verifier import UNUSABLE, WHOLE


class Command(BaseCommand):
    help = (
        "Check every entry of the audit log, its place in the chain and every checkpoint. Exit code: 0 whole, "
        "1 broken at an entry, 2 against a checkpoint, 3 entries waited too long for their place, 64 not checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--checkpoints", type=Path, metavar="FILE", help="checkpoints that were kept (default: this machine's)")
        add("--public-key", action="append", default=[], metavar="KEY", help="believe only this key, in base64")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verification = verify(checkpoint_file=options["checkpoints"], public_keys=options["public_key"])
        except OSError as error:
            reason = f"{error.filename} can't be read: {error.strerror}."
            raise CommandError(f"The log was not checked: {reason}", returncode=UNUSABLE) from error
        except (ValueError, ImproperlyConfigured, DatabaseError) as error:
            raise CommandError(f"The log was not checked: {error}", returncode=UNUSABLE) from error
        self._print(verification)
        if verification.report.exit_code != WHOLE:
            sys.exit(verification.report.exit_code)

    def _print(self, verification: Verification) -> None:
        report, chain = verification.report, verification.chain
        for line in report.lines():
            self.stdout.write(line)
        for name, key in chain.keys.items():
            self.stdout.write(f"Public key {name}: {keys.encoded(key)}")
        verdict = "Whole" if report.exit_code == WHOLE else "NOT whole"
        self.stdout.write(f"{verdict}: {chain.summary()}")
