"""`manage.py export_person`: all that is held of a person, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.whole_files import whole_file
from prompts.exceptions import NotFound
from prompts.management.people import refuse
from prompts.services import persons, persons_export


class Command(BaseCommand):
    help = (
        "Write all that is held of a person to a ZIP archive: a file of JSON Lines for each table, and their "
        "documents. No passwords and no tokens. The file is readable for you alone; a million requests take no more "
        "memory than one. One audit entry tells that it was made. Exit code: 0 done, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("file", help="path of the archive; an existing file is not replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            user = persons.find(options["user"])
            with whole_file(path, replace=False) as file:
                counts = persons_export.export(user, file)
        except NotFound as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"{path} can't be written: {error.strerror}.")
        for name, number in counts.items():
            self.stdout.write(f"{name}: {number}")
