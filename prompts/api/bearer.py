"""Access tokens whose signature this process has checked before: the same bytes need no second check."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from rest_framework.exceptions import APIException
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

from prompts import token_text
from prompts.kept import Kept

MOST_KEPT = 10_000
#: How long whom the database knew is taken for known, where nothing depends on it but whether they are listened to.
KNOWN_SECONDS = 10.0


class HasPassword(Protocol):
    """What was found of an account."""

    @property
    def password(self) -> str:
        """Its hash in the database."""


Known = TypeVar("Known", bound=HasPassword)

_checked: Kept[bytes, Claims] = Kept(MOST_KEPT)
#: Until when (monotonic time) who sends a header is known.
_known: Kept[bytes, float] = Kept(MOST_KEPT)


class Claims(NamedTuple):
    """What an access token says: whose it is, until when (Unix time), and under which password it was given."""

    user_id: int
    expires: float
    password_mark: str

    def fit(self, password: str) -> bool:
        """Whether the account still has the password of that time; `password` is its hash in the database."""
        return self.password_mark == get_md5_hash_password(password)


def claims_of(authorization: str) -> Claims | None:
    """The claims of a header with an access token of ours that has not expired; None for anything else.

    Whether the account may still come in is for the caller to ask.
    """
    digest = _digest(authorization)
    claims = _checked.get(digest)
    if claims is None:
        claims = _check(authorization)
        if claims is not None:
            _checked.put(digest, claims)
    return claims if claims is not None and claims.expires > time.time() else None


def is_known(
    authorization: str, by_account: Callable[[int], Known | None], by_token: Callable[[bytes], Known | None]
) -> bool:
    """Whether who sent this header is worth listening to: a body that never comes holds a thread for as long.

    It lets nobody in. Whom the two don't find, as for `let_in`, is asked about each time; whom they find, not for some
    seconds.
    """
    digest = _digest(authorization)
    if (_known.get(digest) or 0.0) > time.monotonic():
        return True
    if let_in(authorization, by_account, by_token) is None:
        return False
    _known.put(digest, time.monotonic() + KNOWN_SECONDS)
    return True


def let_in(
    authorization: str, by_account: Callable[[int], Known | None], by_token: Callable[[bytes], Known | None]
) -> Known | None:
    """Who sent this header, as one of the two finds them: by an account's id, or by the digest of an API token.

    None for whom neither finds, and for an access token of before the account's password was changed.
    """
    if text := token_text.in_header(authorization):
        return by_token(token_text.digest(text))
    claims = claims_of(authorization)
    found = by_account(claims.user_id) if claims else None
    return found if claims and found and claims.fit(found.password) else None


def _check(authorization: str) -> Claims | None:
    authentication = JWTAuthentication()
    try:
        raw = authentication.get_raw_token(authorization.encode())
        token = authentication.get_validated_token(raw) if raw is not None else None
        if token is None:
            return None
        return Claims(
            int(token[api_settings.USER_ID_CLAIM]), float(token["exp"]), str(token[api_settings.REVOKE_TOKEN_CLAIM])
        )
    except (APIException, KeyError, ValueError):
        return None


def _digest(authorization: str) -> bytes:
    return hashlib.sha256(authorization.encode()).digest()
