"""`manage.py requeue_stale`: take requests back from workers that are gone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prompts.management.counting import counted
from prompts.services import recovery


class Command(BaseCommand):
    help = (
        "Return requests to the queue whose worker no longer renews its lease. Workers do so themselves "
        "every few seconds, and look for due requests every second. Exit code: 0 done, however many there were."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        # One sweep moves a bounded number; after the last there is nothing left to move.
        moved = sum(iter(recovery.sweep, 0))
        self.stdout.write(f"Returned to the queue: {counted(moved, 'request')}.")
