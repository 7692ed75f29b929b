"""`manage.py list_unsealed`: answers that no seal covers, though they are old enough."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from prompts.services import sealing

UNSEALED = 1


class Command(BaseCommand):
    help = (
        "List the requests whose answer is older than the last seal and in none, so that it can't be proved. Reads "
        "all of history. Exit code: 0 there are none, 1 there are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unsealed = sealing.unsealed_answers()
        for request_id in unsealed:
            self.stdout.write(str(request_id))
        if unsealed:
            text = f"Answers without a seal: {len(unsealed)}. The scheduler seals those of the last three hours."
            raise CommandError(text, returncode=UNSEALED)
        self.stdout.write("Every answer that is old enough is sealed.")
