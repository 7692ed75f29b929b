"""Who acts when a command does, and how a command refuses."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import CommandError

from prompts import powers

#: The exit code for what was refused; nothing has happened then.
REFUSED = 2


def refuse(sentence: str) -> NoReturn:
    """End the command with this sentence."""
    raise CommandError(sentence, returncode=REFUSED)


def find_user(name: str) -> AbstractUser:
    """The active user of that name; without a name, the first superuser. Ends the command where there is none."""
    users: Any = get_user_model().objects.filter(is_active=True).order_by("pk")
    wanted = {"username": name} if name else {"is_superuser": True}
    user: AbstractUser | None = users.filter(**wanted).first()
    if user is None and name:
        refuse(f"There is no active user {name!r}.")
    if user is None:
        refuse("There is no superuser yet. Name a user with --user.")
    return user


def find_manager(name: str) -> AbstractUser:
    """As `find_user`, of those who may change versions."""
    user = find_user(name)
    if not powers.manages_all(user):
        refuse(f"{user.get_username()} may not change versions; that takes the permission system.manage_all.")
    return user
