"""Secrets that are made on first use and kept in files of mode 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRET_BYTES = 50


def read_or_create_secret(path: Path) -> str:
    """The secret in `path`; made there first when there is none.

    Processes that come at the same time all get the same secret. Raises ImproperlyConfigured when the file
    can't be read or made, or is empty.
    """
    try:
        if not path.exists():
            write_new_secret(path, secrets.token_urlsafe(SECRET_BYTES))
        text = path.read_text("utf-8").strip()
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{path} belongs to another user. Start as the user who started first, or give {path.parent} to this one."
        ) from error
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} can't be made or read ({error.strerror}). Write DATA_DIR=/a/folder that this user may write to."
        ) from error
    if not text:
        raise ImproperlyConfigured(f"{path} is empty. Delete it, and a new secret is made at the next start.")
    return text


def write_new_secret(path: Path, value: str) -> bool:
    """Put `value` in `path` with mode 0600; False, and nothing written, when the file is there already.

    The whole text appears at once under the final name: a reader never sees half a secret.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{value}\n")
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
