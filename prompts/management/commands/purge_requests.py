"""`manage.py purge_requests`: erase texts and delete facts that are past their time."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prompts.exceptions import NotFound
from prompts.management.counting import counted
from prompts.management.people import refuse
from prompts.models import PromptType
from prompts.services import retention
from prompts.services.retention import FACTS_DELETED, TEXTS_ERASED

DONE = {TEXTS_ERASED: "texts erased", FACTS_DELETED: "facts deleted"}


class Command(BaseCommand):
    help = (
        "Erase the texts and delete the facts of requests that their types keep no longer (“days that texts are kept” "
        "and “days that facts are kept”). Each batch is a transaction of its own with one audit entry: end the command "
        "whenever you like, and call it again to go on. Requests that have not ended, and answers that are not sealed "
        "yet, are passed over. Exit code: 0 done, 2 no such type."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--type", default="", metavar="SLUG", help="only requests of this type")
        parser.add_argument("--dry-run", action="store_true", help="say how many there are and change nothing")
        parser.add_argument(
            "--batch", type=_number, default=retention.BATCH, metavar="N", help="requests a transaction (500)"
        )
        parser.add_argument("--limit", type=_number, metavar="N", help="end after so many requests of each type")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kinds = retention.kinds(options["type"])
        except NotFound as error:
            refuse(str(error))
        if not kinds:
            self.stdout.write("Everything is kept for ever: no type says otherwise.")
        for kind in kinds:
            if options["dry_run"]:
                self._count(kind)
            else:
                self._purge(kind, options["batch"], options["limit"])

    def _count(self, kind: PromptType) -> None:
        for action, number in retention.count_due(kind).items():
            self.stdout.write(f"{kind.slug}: {DONE[action]} of {counted(number, 'request')}, if this were no dry run.")

    def _purge(self, kind: PromptType, batch: int, limit: int | None) -> None:
        totals = dict.fromkeys(DONE, 0)
        for done in retention.purge(kind, batch=batch, limit=limit):
            totals[done.action] += done.number
            self.stderr.write(f"{kind.slug}: {DONE[done.action]} of {counted(totals[done.action], 'request')} …")
        for action, number in totals.items():
            self.stdout.write(f"{kind.slug}: {DONE[action]} of {counted(number, 'request')}.")


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return number
