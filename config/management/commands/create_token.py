"""`manage.py create_token USER`: tokens for the API without sending a password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rest_framework_simplejwt.tokens import RefreshToken

from audit import log
from config.accounts import tokens
from config.models import User
from prompts.exceptions import DomainError
from prompts.management.people import refuse


class Command(BaseCommand):
    help = (
        "Create an access and a refresh token of an active user; with --name an API token instead, "
        "which lives for days and is listed, and revoked, in the console. Exit code: 0 created, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("--access", action="store_true", help="print nothing but the access token")
        parser.add_argument("--name", help="create an API token of this name, and print nothing else")
        days = f"how many days the API token lives, {tokens.LEAST_DAYS} to {tokens.MOST_DAYS} (default: %(default)s)"
        parser.add_argument("--days", type=int, default=tokens.USUAL_DAYS, help=days)

    def handle(self, *args: Any, user: str, access: bool, name: str | None, days: int, **options: Any) -> None:
        if name is not None:
            self.stdout.write(_api_token(_active(user), name, days))
            return
        refresh_token = _audited_token(_active(user))
        if access:
            self.stdout.write(str(refresh_token.access_token))
            return
        self.stdout.write(f"access: {refresh_token.access_token}")
        self.stdout.write(f"refresh: {refresh_token}")


def _api_token(user: User, name: str, days: int) -> str:
    try:
        return tokens.create(user=user, name=name, days=days, actor=None).text
    except DomainError as error:
        refuse(str(error.message))


@transaction.atomic
def _audited_token(user: User) -> RefreshToken:
    token = RefreshToken.for_user(user)
    log.append("token.created", actor=None, target=user)
    return token


def _active(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.", returncode=2)
    if not user.is_active:
        raise CommandError(f"The user {name!r} is deactivated.", returncode=2)
    return user
