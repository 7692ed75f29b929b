"""`manage.py export_audit`: the audit log as a file that can be checked without the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import verifier
from audit.services.exporting import export

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Write the audit log to a file of JSON lines, mode 0600, which appears whole or not at all. Check it with "
        "audit/verifier.py, which runs without the project. Exit code: 0 written, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; one that is there is replaced")
        parser.add_argument("--since", type=int, default=1, metavar="SEQ", help="begin with this link (default: 1)")

    def handle(self, *args: Any, file: Path, since: int, **options: Any) -> None:
        try:
            exported = export(file, since=since)
        except OSError as error:
            reason = f"{file} can't be written: {error.strerror}."
            raise CommandError(f"Nothing was exported: {reason}", returncode=REFUSED) from error
        except (ValueError, ImproperlyConfigured) as error:
            raise CommandError(f"Nothing was exported: {error}", returncode=REFUSED) from error
        counts = exported.counts
        self.stdout.write(f"Wrote {counts['entry']} links and {counts['checkpoint']} checkpoints to {file}.")
        for key in exported.public_keys:
            self.stdout.write(f"Public key: {key}")
        self.stdout.write(f"Check it with: python {Path(verifier.__file__).name} {file.name} --public-key KEY")
