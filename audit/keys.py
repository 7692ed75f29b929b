"""The key that signs checkpoints, and the public keys that are believed.

The signing key is AUDIT_SIGNING_KEY, or is made on first use in a file of mode 0600. It is in no table: whoever
has only the database can't sign. Each public key that signed here is remembered, so that old checkpoints can
still be checked after the signing key was replaced.
"""

from __future__ import annotations

import base64
import logging
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.verifier import keyring

logger = logging.getLogger(__name__)

KEY_FILE = "audit-signing-key"
PUBLIC_KEYS_FILE = "audit-public-keys"
KEY_BYTES = 32


def signing_key() -> Ed25519PrivateKey:
    """This installation's key. Raises ImproperlyConfigured for a file without one, OSError where it can't be made."""
    path = settings.DATA_DIR / KEY_FILE
    text = settings.AUDIT_SIGNING_KEY or _read_or_create(path)
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"{path} holds no signing key of {KEY_BYTES} bytes in base64.") from error


def encoded(key: Ed25519PublicKey) -> str:
    """A public key as base64, as it is handed to others."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def remember(key: Ed25519PublicKey) -> None:
    """Write down a public key that signs here, for the time after it. Only logged where that can't be done."""
    path = settings.DATA_DIR / PUBLIC_KEYS_FILE
    try:
        if encoded(key) not in _remembered():
            with path.open("a", encoding="ascii") as file:
                file.write(f"{encoded(key)}\n")
    except OSError as error:
        logger.warning("The audit log's public key can't be remembered in %s (%s).", path, error.strerror)


def trusted_keys() -> dict[str, Ed25519PublicKey]:
    """The public keys of this installation, present and past, by name; makes no key.

    Raises ImproperlyConfigured where one of them is none.
    """
    texts = [*settings.AUDIT_PUBLIC_KEYS, *_remembered()]
    if settings.AUDIT_SIGNING_KEY or (settings.DATA_DIR / KEY_FILE).exists():
        texts.append(encoded(signing_key().public_key()))
    try:
        return keyring(texts)
    except ValueError as error:
        raise ImproperlyConfigured(f"{settings.DATA_DIR / PUBLIC_KEYS_FILE} holds what is no public key.") from error


def _remembered() -> list[str]:
    path = settings.DATA_DIR / PUBLIC_KEYS_FILE
    return path.read_text("ascii", "replace").split() if path.exists() else []


def _read_or_create(path: Path) -> str:
    """The key in `path`. Processes that come at the same time all get the same one."""
    if not path.exists():
        _create(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    return path.read_text("ascii", "replace").strip()


def _create(path: Path, text: str) -> None:
    """The whole text appears at once under the final name: a reader never sees half a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
