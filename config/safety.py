"""What refuses to start rather than run unsafely."""

import base64
from collections.abc import Collection, Iterable

from django.core.exceptions import ImproperlyConfigured

MINIMUM_SECRET_LENGTH = 50
MINIMUM_DISTINCT_CHARACTERS = 10
ED25519_KEY_BYTES = 32


def refuse_weak_secret(name: str, value: str) -> None:
    """Raise ImproperlyConfigured for a key that is short, repetitive or a sample."""
    if (
        len(value) < MINIMUM_SECRET_LENGTH
        or len(set(value)) < MINIMUM_DISTINCT_CHARACTERS
        or value.startswith("django-insecure-")
    ):
        raise ImproperlyConfigured(
            f"{name} is too weak. Leave it out to have one generated, or write at least "
            f"{MINIMUM_SECRET_LENGTH} random characters, for example from: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )


def refuse_late_heartbeat(heartbeat: float, lease: float) -> None:
    """Raise ImproperlyConfigured where leases (both in seconds) would run out before they are renewed.

    Half of the lease leaves time for one renewal that fails.
    """
    if heartbeat > lease / 2:
        raise ImproperlyConfigured(
            f"HEARTBEAT_SECONDS={heartbeat:g} comes too late for LEASE_SECONDS={lease:g}. "
            f"Write at most half of it, for example HEARTBEAT_SECONDS={lease / 6:g}."
        )


def refuse_unknown_default(model: str, providers: Collection[str]) -> None:
    """Raise ImproperlyConfigured for a default model, if any, whose provider is not among the configured ones."""
    alias, slash, name = model.partition("/")
    if model and not (slash and name and alias in providers):
        known = ", ".join(f"{provider}/…" for provider in sorted(providers)) or "none, set a vendor's key first"
        raise ImproperlyConfigured(
            f"DEFAULT_MODEL={model!r} is not usable. Write provider/model with a provider that is configured: {known}."
        )


def refuse_no_key(name: str, values: Iterable[str]) -> None:
    """Raise ImproperlyConfigured where one of `values` is set and no Ed25519 key, 32 bytes in base64."""
    for value in filter(None, values):
        try:
            length = len(base64.b64decode(value, validate=True))
        except ValueError:
            length = 0
        if length != ED25519_KEY_BYTES:
            raise ImproperlyConfigured(
                f"{name} holds no key of {ED25519_KEY_BYTES} bytes in base64. "
                "Leave it out, or make a new signing key with: openssl rand -base64 32"
            )
