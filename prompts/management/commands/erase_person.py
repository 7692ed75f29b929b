"""`manage.py erase_person`: erase what is held of a person, for good."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prompts.exceptions import Conflict, NotFound
from prompts.management.counting import counted
from prompts.management.people import refuse
from prompts.services import persons
from prompts.services.persons import Done

UNFINISHED = 1


class Command(BaseCommand):
    help = (
        "Erase a person: their account is switched off and gets a pseudonym, tokens and sessions end, unfinished "
        "requests and batches are cancelled, and the texts of their requests and their documents are erased. What "
        "stays are facts (that somebody asked, when, of which model, at what cost) and the audit log, which keeps the "
        "user name as it was. Can't be undone. End it whenever you like; call it again, also with the pseudonym, to "
        "go on. In a terminal it asks before. Exit code: 0 done, 1 some texts have to wait and it has to be called "
        "again, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name, or the pseudonym of one whose erasing was broken off")
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased and change nothing")
        parser.add_argument("--yes", "--no-input", action="store_true", help="don't ask before that")
        facts = parser.add_mutually_exclusive_group()
        facts.add_argument(
            "--keep-facts", action="store_true", default=True, help="keep the rows of requests (default)"
        )
        facts.add_argument(
            "--delete-facts", action="store_false", dest="keep_facts", help="delete the rows of their requests too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = persons.find(options["user"])
            if options["dry_run"]:
                self._show(user)
                return
            if sys.stdin.isatty() and not options["yes"]:
                self._ask(user)
            persons.close(user)
        except (NotFound, Conflict) as error:
            refuse(str(error))
        self.stderr.write(f"The account is closed. It is called {persons.pseudonym(user)} from now on.")
        self._erase(user, keep_facts=options["keep_facts"])

    def _ask(self, user: Any) -> None:
        self.stderr.write(f"What is held of {user.get_username()!r} will be erased for good. Type 'yes' to go on:")
        if sys.stdin.readline().strip() != "yes":
            refuse("Nothing was erased.")

    def _show(self, user: Any) -> None:
        for kind, number in persons.holdings(user).items():
            self.stdout.write(f"{kind}: {number}")

    def _erase(self, user: Any, *, keep_facts: bool) -> None:
        done = Done(0, 0, 0)
        told = 0
        for done in persons.erase(user, keep_facts=keep_facts):
            if done.erased > told:
                told = done.erased
                self.stderr.write(f"Texts of {counted(told, 'request')} erased …")
        erased, deleted = counted(done.erased, "request"), counted(done.deleted, "request")
        self.stdout.write(f"Done: texts of {erased} erased, {deleted} deleted.")
        if done.waiting:
            left = counted(done.waiting, "answer")
            text = f"What is not sealed yet has to wait, for a minute: {left}. Call this again then."
            raise CommandError(text, returncode=UNFINISHED)
