"""`manage.py export_prompts`: prompt types and their versions as a YAML file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from prompts.exceptions import DomainError
from prompts.management.people import find_user, refuse
from prompts.services.exporting import export_prompts


class Command(BaseCommand):
    help = (
        "Write prompt types, their settings and all versions that are not deleted to a YAML file, for import_prompts. "
        "Exit code: 0 written, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file to write, replaced if it is there; - is standard output")
        parser.add_argument("--type", nargs="+", default=[], metavar="SLUG", help="only these types")
        parser.add_argument("--user", default="", help="who exports (default: nobody by name)")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = find_user(options["user"]) if options["user"] else None
        try:
            # What could not be written was not exported, and the log doesn't tell so.
            with transaction.atomic():
                content = export_prompts(options["type"], actor=actor)
                if options["file"] != "-":
                    _write(Path(options["file"]), content)
        except DomainError as error:
            refuse(str(error.message))
        except OSError as error:
            refuse(f"{options['file']} can't be written: {error.strerror}.")
        if options["file"] == "-":
            self.stdout.write(content, ending="")
        else:
            self.stdout.write(f"Written to {options['file']}.")


def _write(path: Path, content: str) -> None:
    """Whole or not at all: what was there before stays until the new file is complete."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(content, "utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
