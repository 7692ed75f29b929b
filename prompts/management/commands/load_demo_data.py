"""`manage.py load_demo_data`: invented requests, to look at a full installation."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prompts.exceptions import DomainError
from prompts.management.people import REFUSED, refuse
from prompts.services.demo import loading

STOPPED = 130
MOST = {"requests": 10_000_000, "days": 3650}
WARNING = (
    "This installation holds requests of its own. Invented ones can't be taken away again: they would stay in its "
    "lists, figures and audit log for ever. Say --force if you want them all the same."
)


class Command(BaseCommand):
    help = (
        "Invent requests with answers, attempts and counts, to look at a full installation or to measure one. They are "
        "marked as simulated and as demo, belong to accounts that nobody can sign in with, and can't be taken away "
        "again. Exit code: 0 loaded, 2 refused, 130 stopped (what was written until then is complete)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--requests", type=_up_to("requests"), default=1_000, metavar="N", help="how many (default: 1000)")
        add("--days", type=_up_to("days"), default=90, metavar="N", help="spread over so many days (default: 90)")
        add("--seed", type=int, default=0, metavar="N", help="another number gives other figures and texts")
        add("--force", action="store_true", help="also where there are real requests")

    def handle(self, *args: Any, requests: int, days: int, seed: int, force: bool, **options: Any) -> None:
        if loading.has_real_requests() and not force:
            refuse(WARNING)
        done = 0
        try:
            for done in loading.load(requests, days=days, seed=seed):
                self.stderr.write(f"{done:,} of {requests:,}")
            loading.tidy()
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {done:,} requests or a few more were loaded.", returncode=STOPPED) from None
        except DomainError as error:
            raise CommandError(str(error.message), returncode=REFUSED) from error
        self.stdout.write(f"{done:,} requests of the last {days} days were invented.")


def _up_to(name: str) -> Any:
    """A reader of whole numbers from 1 to what `MOST` says."""

    def number(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST[name]:
            raise ArgumentTypeError(f"Give a whole number from 1 to {MOST[name]}.")
        return int(text)

    return number
