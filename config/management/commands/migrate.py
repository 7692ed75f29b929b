"""`manage.py migrate`: Django's own, which keeps no writer waiting behind it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from config.migrating import GaveUp, patiently


class Command(Migrate):
    """Gives a lock up that it does not get soon, and tries again."""

    help = (
        f"{Migrate.help} A lock that is not there within MIGRATE_LOCK_SECONDS is given up, so that nobody waits behind "
        "it, and asked for again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        try:
            patiently(
                lambda: super(Command, self).handle(*args, **options),
                connection,
                seconds=settings.MIGRATE_LOCK_SECONDS,
                complain=self.stderr.write,
            )
        except GaveUp as error:
            raise CommandError(str(error)) from error
