"""`manage.py ensure_admin`: makes the first administrator where there is none."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.bootstrap import ensure_admin


class Command(BaseCommand):
    help = (
        "Makes the first administrator from DJANGO_SUPERUSER_USERNAME, _PASSWORD and _EMAIL; "
        "without a password one is generated. Does nothing when there is an administrator. "
        "Exit code: 0 there is one now, 1 failed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        admin = ensure_admin(settings.DATA_DIR)
        if admin is None:
            self.stdout.write("There is an administrator already.")
        elif admin.password_file:
            self.stdout.write(f"Made the administrator {admin.username!r}; password in {admin.password_file}")
        else:
            self.stdout.write(f"Made the administrator {admin.username!r} with the given password.")
