"""Who comes in with a token, and the type that they want to use: each read in one short statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prompts import prepared
from prompts.services.sources import TYPE_COLUMNS, TYPES, UsableType
from prompts.token_text import IS_LIVE_SQL, USE_NOTED_EVERY

_OF_USER = f"""
    SELECT u.id, u.username, u.password, {TYPE_COLUMNS} FROM {TYPES}, users u
    WHERE t.slug = %s AND t.is_active AND u.id = %s AND u.is_active
"""  # noqa: S608
_OF_HOLDER = f"""
    SELECT u.id, u.username, u.password, {TYPE_COLUMNS} FROM {TYPES}, api_tokens k JOIN users u ON u.id = k.user_id
    WHERE t.slug = %s AND t.is_active AND {IS_LIVE_SQL}
"""  # noqa: S608
_USER = "SELECT u.id, u.username, u.password FROM users u WHERE u.id = %s AND u.is_active"
_HOLDER = f"""
    SELECT u.id, u.username, u.password FROM api_tokens k JOIN users u ON u.id = k.user_id WHERE {IS_LIVE_SQL}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that may come in, with the hash of its password."""

    pk: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Admitted(Caller):
    """The same, and the type in the same instant."""

    kind: UsableType

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> Admitted:
        """From what the statements of this module read."""
        pk, username, password, *kind = row
        return cls(pk, username, password, UsableType.of_row(tuple(kind)))


def admit(user_id: int, prompt_type: str) -> Admitted | None:
    """The account of that id. Whether its password is still that of the token, the caller has to ask.

    None when there is no active account of that id, or no type of that slug that takes requests.
    """
    row = prepared.row_unchecked(_OF_USER, (prompt_type, user_id))
    return Admitted.of_row(row) if row else None


def admit_with(token_digest: bytes, prompt_type: str) -> Admitted | None:
    """The account of who holds the API token of this digest.

    None as well for a token that opens nothing, or whose use has to be noted again.
    """
    row = prepared.row_unchecked(_OF_HOLDER, (prompt_type, token_digest, USE_NOTED_EVERY.total_seconds()))
    return Admitted.of_row(row) if row else None


def caller(user_id: int) -> Caller | None:
    """As `admit`, for who needs no type."""
    row = prepared.row_unchecked(_USER, (user_id,))
    return Caller(*row) if row else None


def caller_with(token_digest: bytes) -> Caller | None:
    """As `admit_with`, for who needs no type."""
    row = prepared.row_unchecked(_HOLDER, (token_digest, USE_NOTED_EVERY.total_seconds()))
    return Caller(*row) if row else None
