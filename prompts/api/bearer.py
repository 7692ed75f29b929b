"""Access tokens whose signature this process has checked before: the same bytes need no second check."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from rest_framework.exceptions import APIException
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

from prompts import token_text

MOST_KEPT = 10_000


class HasPassword(Protocol):
    """What was found of an account."""

    @property
    def password(self) -> str:
        """Its hash in the database."""


Known = TypeVar("Known", bound=HasPassword)

_checked: dict[bytes, Claims] = {}
_keeping = threading.Lock()


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
    digest = hashlib.sha256(authorization.encode()).digest()
    claims = _checked.get(digest)
    if claims is None:
        claims = _check(authorization)
        if claims is not None:
            _keep(digest, claims)
    return claims if claims is not None and claims.expires > time.time() else None


def is_worth_asking(authorization: str) -> bool:
    """Whether this header may let somebody in, as far as can be told without asking the database."""
    return token_text.in_header(authorization) is not None or claims_of(authorization) is not None


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


def _keep(digest: bytes, claims: Claims) -> None:
    with _keeping:
        if len(_checked) >= MOST_KEPT:
            del _checked[next(iter(_checked))]
        _checked[digest] = claims
