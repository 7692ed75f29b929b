"""`manage.py create_token USER`: tokens for the API without sending a password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rest_framework_simplejwt.tokens import RefreshToken

from audit import log
from config.models import User


class Command(BaseCommand):
    help = "Create an access and a refresh token of an active user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("--access", action="store_true", help="print nothing but the access token")

    def handle(self, *args: Any, user: str, access: bool, **options: Any) -> None:
        refresh_token = _audited_token(_active(user))
        if access:
            self.stdout.write(str(refresh_token.access_token))
            return
        self.stdout.write(f"access: {refresh_token.access_token}")
        self.stdout.write(f"refresh: {refresh_token}")


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
