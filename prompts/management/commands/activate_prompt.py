"""`manage.py activate_prompt`: use another version of a prompt, also an older one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prompts.exceptions import DomainError, GateClosed, ReviewRequired
from prompts.management.people import find_manager, refuse
from prompts.services import lifecycle


class Command(BaseCommand):
    help = (
        "Make a version of a prompt type the one that is used from now on; an older one too, to go back. "
        "Exit code: 0 it is active, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", help="slug of the prompt type")
        parser.add_argument("number", type=int, help="number of the version")
        parser.add_argument("--user", default="", help="who activates it (default: the first superuser)")
        parser.add_argument(
            "--reason",
            default="",
            help="why it is activated without the review or the accuracy that the type requires; it is recorded",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slug, number = options["type"], options["number"]
        try:
            done = lifecycle.activate_version(
                slug, number, actor=find_manager(options["user"]), bypass_reason=options["reason"]
            )
        except ReviewRequired as error:
            refuse(f"{error.message} Let somebody else do it with --user, or say why not with --reason.")
        except GateClosed as error:
            refuse(f"{error.message} Measure it with measure_version, or say why not with --reason.")
        except DomainError as error:
            refuse(str(error.message))
        if not done.changed:
            self.stdout.write(f"{slug} {number} is active already. Nothing was changed.")
            return
        before = f" in place of {done.previous.version_number}" if done.previous else ""
        self.stdout.write(self.style.SUCCESS(f"{slug} {number} is active now{before}."))
