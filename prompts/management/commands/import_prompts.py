"""`manage.py import_prompts`: prompt types and versions from a YAML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prompts.exceptions import InvalidInput
from prompts.management.people import find_manager, refuse
from prompts.services.importing import import_prompts
from prompts.services.importing_versions import Choices, Imported
from prompts.transfer_format import MAX_FILE_BYTES


class Command(BaseCommand):
    help = (
        "Store the prompt types and versions of a file that export_prompts wrote and that are not here yet: all of "
        "them or, if one can't be used, nothing. Exit code: 0 done, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", help="the file; - reads it from standard input")
        add("--user", required=True, help="who imports: the author of the versions where a type requires review")
        add("--dry-run", action="store_true", help="only say what would be done")
        add("--activate", action="store_true", help="activate the file's active versions in place of those here")
        add("--change-types", action="store_true", help="give types that are here already the file's settings")
        add(
            "--reason",
            default="",
            help="why you also activate without the review or accuracy that a type requires",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        choices = Choices(options["activate"], options["change_types"], options["reason"])
        try:
            done = import_prompts(
                _read(options["file"]),
                actor=find_manager(options["user"]),
                choices=choices,
                dry_run=options["dry_run"],
            )
        except InvalidInput as error:
            problems = [str(text) for texts in error.errors.values() for text in texts]
            refuse("\n".join(["Nothing was imported.", *problems]))
        for line in _told(done, "would be" if options["dry_run"] else "were"):
            self.stdout.write(line)


def _read(path: str) -> bytes:
    """One byte more than is accepted, at most: that shows that it is too many."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        refuse(f"{path} can't be read: {error.strerror}.")


def _told(done: Imported, verb: str) -> list[str]:
    activated = f"Activated {verb}: {', '.join(done.activated)}." if done.activated else "No version changed its state."
    return [
        f"{done.types_created} types and {done.versions_created} versions {verb} created; "
        f"{done.versions_skipped} versions are here already.",
        *([f"Settings {verb} changed: {', '.join(done.types_changed)}."] if done.types_changed else []),
        activated,
        *done.remarks,
    ]
