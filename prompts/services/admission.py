"""Who comes in with a token, and the type that they want to use: each read in one short statement."""

from __future__ import annotations

from dataclasses import dataclass

from prompts import prepared
from prompts.kept import Kept
from prompts.prepared import Condition, Row
from prompts.services.sources import TYPE_COLUMNS, TYPES, UsableType
from prompts.token_text import IS_LIVE_SQL, USE_NOTED_EVERY

COLUMNS = f"u.id, u.username, u.password, {TYPE_COLUMNS}"
_BY_USER = f"FROM {TYPES}, users u WHERE t.slug = %s AND t.is_active AND u.id = %s AND u.is_active"
_BY_HOLDER = f"""
    FROM {TYPES}, api_tokens k JOIN users u ON u.id = k.user_id WHERE t.slug = %s AND t.is_active AND {IS_LIVE_SQL}
"""
#: What was read is still so.
_UNCHANGED = f" AND ROW({COLUMNS}) IS NOT DISTINCT FROM ROW({', '.join(['%s'] * (1 + COLUMNS.count(',')))})"
_USER = "SELECT u.id, u.username, u.password FROM users u WHERE u.id = %s AND u.is_active"
_HOLDER = f"""
    SELECT u.id, u.username, u.password FROM api_tokens k JOIN users u ON u.id = k.user_id WHERE {IS_LIVE_SQL}
"""  # noqa: S608
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that may come in, with the hash of its password."""

    pk: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Admitted(Caller):
    """The same, the type in the same instant, and the condition under which both are still so."""

    kind: UsableType
    still: Condition


#: By whom and for which type. What is found here was true once: only `still` tells whether it is.
_kept: Kept[tuple[int | bytes, str], Admitted] = Kept(MOST_KEPT)


def remembered(who: int | bytes, prompt_type: str) -> Admitted | None:
    """What `admit` or `admit_with` last found of an account's id or a token's digest."""
    return _kept.get((who, prompt_type))


def admit(user_id: int, prompt_type: str) -> Admitted | None:
    """The account of that id. Whether its password is still that of the token, the caller has to ask.

    None when there is no active account of that id, or no type of that slug that takes requests.
    """
    return _admit((user_id, prompt_type), _BY_USER, (prompt_type, user_id))


def admit_with(token_digest: bytes, prompt_type: str) -> Admitted | None:
    """The account of who holds the API token of this digest.

    None as well for a token that opens nothing, or whose use has to be noted again.
    """
    values = (prompt_type, token_digest, USE_NOTED_EVERY.total_seconds())
    return _admit((token_digest, prompt_type), _BY_HOLDER, values)


def _admit(who: tuple[int | bytes, str], by: str, values: Row) -> Admitted | None:
    row = prepared.row_unchecked(f"SELECT {COLUMNS} {by}", values)
    if row is None:
        _kept.drop(who)
        return None
    pk, username, password, *kind = row
    found = Admitted(pk, username, password, UsableType.of_row(tuple(kind)), Condition(by + _UNCHANGED, values + row))
    _kept.put(who, found)
    return found


def caller(user_id: int) -> Caller | None:
    """As `admit`, for who needs no type."""
    row = prepared.row_unchecked(_USER, (user_id,))
    return Caller(*row) if row else None


def caller_with(token_digest: bytes) -> Caller | None:
    """As `admit_with`, for who needs no type."""
    row = prepared.row_unchecked(_HOLDER, (token_digest, USE_NOTED_EVERY.total_seconds()))
    return Caller(*row) if row else None
