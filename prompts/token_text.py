"""The text of an API token: how it is made, and how it is told from anything else."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

#: Scanners for leaked secrets look for beginnings like this.
PREFIX = "apm_"
RANDOM_BYTES = 32
#: How exact `last_used_at` is: a busy token is not written to with each call.
USE_NOTED_EVERY = timedelta(minutes=1)
#: Of a token `k` and its user `u`: that it opens the API, and its use needs no noting. Takes its digest, and the
#: seconds of `USE_NOTED_EVERY`: a token whose use has to be noted again goes the longer way, which does so.
IS_LIVE_SQL = """
    k.digest = %s AND u.is_active AND k.revoked_at IS NULL AND k.expires_at > statement_timestamp()
    AND k.last_used_at > statement_timestamp() - make_interval(secs => %s)
"""
FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_IN_HEADER = re.compile(rf"Bearer ({FORM.pattern})")


def make() -> str:
    """A new token: the prefix and 256 random bits in base64url."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def digest(token: str) -> bytes:
    """What is stored of it: SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def in_header(authorization: str) -> str | None:
    """The API token in an Authorization header; None for whatever else stands there."""
    match = _IN_HEADER.fullmatch(authorization)
    return match[1] if match else None
