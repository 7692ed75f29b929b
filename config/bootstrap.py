"""What an installation needs before it serves: tables, static files, a first administrator."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from config.embedded.secrets import read_or_create_secret, write_new_secret
from config.migrating import pending

PASSWORD_FILE = "admin-password"  # noqa: S105 - a file's name
PASSWORD_BYTES = 18


@dataclass(frozen=True)
class FirstAdmin:
    """The account that was just made; `password` and its file only where it was generated."""

    username: str
    password: str | None
    password_file: Path | None


def ensure_admin(data_dir: Path) -> FirstAdmin | None:
    """Make the first administrator; None when there is one already.

    Name, password and e-mail come from DJANGO_SUPERUSER_USERNAME, _PASSWORD and _EMAIL. Without a password
    one is generated and kept in `data_dir`. Raises ImproperlyConfigured when the name is taken by another
    account.
    """
    User = get_user_model()
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return None
    username = os.environ.get("DJANGO_SUPERUSER_USERNAME") or "admin"
    given = os.environ.get("DJANGO_SUPERUSER_PASSWORD") or None
    file = None if given else data_dir / PASSWORD_FILE
    password = given or _generated_password(data_dir / PASSWORD_FILE)
    try:
        with transaction.atomic():
            email = os.environ.get("DJANGO_SUPERUSER_EMAIL", "")
            User.objects.create_superuser(username=username, email=email, password=password)
    except IntegrityError as error:
        raise ImproperlyConfigured(
            f"There is a user {username!r} who is no active administrator. "
            "Set DJANGO_SUPERUSER_USERNAME to another name."
        ) from error
    return FirstAdmin(username, None if given else password, file)


def _generated_password(file: Path) -> str:
    write_new_secret(file, secrets.token_urlsafe(PASSWORD_BYTES))
    return read_or_create_secret(file)


def migrate() -> int:
    """Bring the tables up to date; returns how many migrations were run."""
    missing = pending(connection)
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing


def collect_static(data_dir: Path) -> bool:
    """Gather the static files unless they are the ones that were gathered last; returns whether it did."""
    stamp = data_dir / "static.stamp"
    fingerprint = _static_fingerprint()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text("ascii") == fingerprint:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint, "ascii")
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
