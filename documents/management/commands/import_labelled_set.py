"""`manage.py import_labelled_set`: documents whose fields are known, from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from documents.models import LabelledSet
from documents.services.label_files import MAX_BYTES
from documents.services.labelling_folders import import_folder
from prompts.exceptions import DomainError
from prompts.management.people import find_manager, refuse


class Command(BaseCommand):
    help = (
        "Store the documents of a folder that a file of labels names, as the next revision of a labelled set. Contents "
        "that a revision has already make none. Exit code: 0 it is here, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("name", help="of the set: lower-case letters, digits, hyphens and underscores")
        add("folder", help="where the documents are")
        add(
            "labels",
            help="CSV with a column “file” and one for each field, or JSON or JSON Lines of {“file”: …, “fields”: {…}}",
        )
        add("--user", default="", help="whose documents they will be (default: the first superuser)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = import_folder(
                actor=find_manager(options["user"]),
                name=options["name"],
                labels=_read(options["labels"]),
                folder=Path(options["folder"]),
            )
        except DomainError as error:
            problems = [str(text) for texts in error.errors.values() for text in texts]
            refuse("\n".join(["Nothing was imported.", *(problems or [str(error.message)])]))
        self.stdout.write(self.style.SUCCESS(_told(made)))


def _read(path: str) -> bytes:
    """One byte more than is accepted, at most: that shows that it is too many."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        refuse(f"{path} can't be read: {error.strerror}.")


def _told(made: LabelledSet) -> str:
    return f"{made} has {made.documents.count()} documents. SHA-256 of its contents: {made.content_sha256}"
