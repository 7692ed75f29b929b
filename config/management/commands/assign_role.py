"""`manage.py assign_role USER ROLE`: what somebody may do, without the console."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.accounts import roles
from config.models import User
from prompts.exceptions import DomainError
from prompts.management.people import refuse


class Command(BaseCommand):
    help = (
        f"Give a user a role ({', '.join(roles.BY_NAME)}) and let them into the console. "
        "Exit code: 0 they have it, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("role", help="the role's name, in small or capital letters")
        parser.add_argument("--no-console", action="store_true", help="for a service that uses the API alone")

    def handle(self, *args: Any, user: str, role: str, no_console: bool, **options: Any) -> None:
        name = next((name for name in roles.BY_NAME if name.lower() == role.lower()), None)
        if name is None:
            refuse(f"There is no role {role!r}. There are: {', '.join(roles.BY_NAME)}.")
        try:
            is_new = roles.give(_active(user), name, staff=not no_console)
        except DomainError as error:
            refuse(str(error.message))
        self.stdout.write(f"{user} is {name} now." if is_new else f"{user} is {name} already. Nothing was changed.")


def _active(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        refuse(f"There is no active user {name!r}.")
    return user
