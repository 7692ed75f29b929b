"""What refuses to start rather than run unsafely."""

import base64
from collections.abc import Collection, Iterable
from itertools import pairwise

from django.core.exceptions import ImproperlyConfigured

from providers.names import LONGEST_NAME, is_usable

MINIMUM_SECRET_LENGTH = 50
MINIMUM_DISTINCT_CHARACTERS = 10
#: A random key has more, whatever its alphabet: even fifty random digits have some forty different pairs of neighbours,
#: and sixteen different steps from one to the next.
MINIMUM_DISTINCT_PAIRS = 25
MINIMUM_DISTINCT_STEPS = 10
ED25519_KEY_BYTES = 32
SIGNING_KEY_ADVICE = "Leave it out, or make a new signing key with: openssl rand -base64 32"
PUBLIC_KEY_ADVICE = (
    "A public key is what checks the signatures of a signing key. An installation prints its own with: "
    "manage.py verify_audit. Write those of former signing keys, with commas between them, or leave it out."
)


def refuse_weak_secret(name: str, value: str) -> None:
    """Raise ImproperlyConfigured for a key that is short, repetitive or a sample."""
    if len(value) < MINIMUM_SECRET_LENGTH or value.startswith("django-insecure-") or _is_repetitive(value):
        raise ImproperlyConfigured(
            f"{name} is too weak. Leave it out to have one generated, or write at least "
            f"{MINIMUM_SECRET_LENGTH} random characters, for example from: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )


def _is_repetitive(value: str) -> bool:
    """Whether it has few characters, repeats a short sequence or runs through an alphabet."""
    pairs = set(pairwise(value))
    steps = {ord(other) - ord(one) for one, other in pairs}
    return (
        len(set(value)) < MINIMUM_DISTINCT_CHARACTERS
        or len(pairs) < MINIMUM_DISTINCT_PAIRS
        or len(steps) < MINIMUM_DISTINCT_STEPS
    )


def refuse_late_heartbeat(heartbeat: float, lease: float) -> None:
    """Raise ImproperlyConfigured where leases (both in seconds) would run out before they are renewed.

    Half of the lease leaves time for one renewal that fails.
    """
    if heartbeat > lease / 2:
        # One digit is easy to write, and rounds it up to less than a fourth of the lease.
        example = float(f"{lease / 6:.1g}")
        raise ImproperlyConfigured(
            f"HEARTBEAT_SECONDS={heartbeat:g} comes too late for LEASE_SECONDS={lease:g}. "
            f"Write at most half of it, for example HEARTBEAT_SECONDS={example:g}."
        )


def refuse_unusable_default(model: str, providers: Collection[str], allowed: Collection[str]) -> None:
    """Raise ImproperlyConfigured for a default model, if any, that every request which names none would be refused for.

    That is one whose provider is not among `providers`, whose name none could have, or that is left out by `allowed`,
    which are the entries of MODELS_ALLOWED.
    """
    alias, _, name = model.partition("/")
    if not model:
        return
    if alias not in providers or not is_usable(alias, name):
        known = ", ".join(f"{provider}/…" for provider in sorted(providers)) or "none, set a vendor's key first"
        raise ImproperlyConfigured(
            f"DEFAULT_MODEL={model!r} is not usable. Write provider/model with a provider that is configured: {known}."
        )
    if allowed and {model, f"{alias}/*"}.isdisjoint(allowed):
        raise ImproperlyConfigured(
            f"DEFAULT_MODEL={model!r} is not among MODELS_ALLOWED. Add it there, or write one of those: "
            f"{', '.join(allowed)}."
        )


def refuse_long_names(name: str, models: Iterable[str]) -> None:
    """Raise ImproperlyConfigured for the first of `models` that is longer than a request can name and store."""
    for model in models:
        if len(model) > LONGEST_NAME:
            raise ImproperlyConfigured(
                f"{name} has an entry that is too long ({model[:40]!r}…). "
                f"Write provider/model with at most {LONGEST_NAME} characters."
            )


def refuse_no_key(name: str, values: Iterable[str], advice: str) -> None:
    """Raise ImproperlyConfigured where one of `values` is set and no Ed25519 key, 32 bytes in base64.

    `advice` is a sentence on where to get one.
    """
    for value in filter(None, values):
        try:
            length = len(base64.b64decode(value, validate=True))
        except ValueError:
            length = 0
        if length != ED25519_KEY_BYTES:
            raise ImproperlyConfigured(f"{name} holds no key of {ED25519_KEY_BYTES} bytes in base64. {advice}")
