"""API tokens: made, revoked, and looked up. Each change is one transaction and one audit row."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from config.accounts.exceptions import TooManyTokens
from config.models import ApiToken, User
from config.models.api_token import MAX_NAME_LENGTH, SHOWN_CHARACTERS
from prompts import token_text
from prompts.exceptions import InvalidInput, NotFound
from prompts.services.inputs import is_storable
from prompts.token_text import USE_NOTED_EVERY

logger = logging.getLogger(__name__)

CREATED = "api_token.created"
REVOKED = "api_token.revoked"
LEAST_DAYS, MOST_DAYS, USUAL_DAYS = 1, 366, 90
MOST_LIVE = 50

# Whoever holds the row notes the use, or revokes the token; neither is worth waiting for.
_NOTE_USE = """
    UPDATE api_tokens SET last_used_at = statement_timestamp() WHERE id = (
        SELECT id FROM api_tokens
        WHERE id = %s AND (last_used_at IS NULL OR last_used_at < statement_timestamp() - make_interval(secs => %s))
        FOR UPDATE SKIP LOCKED
    )
"""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; `text` is the token itself, which nobody can show again."""

    row: ApiToken
    text: str


@transaction.atomic
def create(*, user: User, name: str, days: int = USUAL_DAYS, actor: Actor | None) -> NewToken:
    """Make a token that opens the API in the name of `user` for so many days.

    Raises InvalidInput for a name that is empty, too long or in use by another live token of theirs, and for days
    out of range; TooManyTokens beyond `MOST_LIVE`.
    """
    name = name.strip()
    _check(name, days)
    # Two at the same time would each find room for one more.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _check_room(user, name)
    text = token_text.make()
    row = ApiToken(user=user, name=name, beginning=text[:SHOWN_CHARACTERS], digest=token_text.digest(text))
    row.expires_at = Now() + timedelta(days=days)
    row.save(force_insert=True)
    row.refresh_from_db()
    log.append(CREATED, actor=actor, target=row, details=_facts(row))
    return NewToken(row, text)


@transaction.atomic
def revoke(token_id: UUID, *, actor: Actor, of: User | None = None) -> ApiToken:
    """End a token at once and for good; one that was revoked already stays as it is.

    Only one of `of`'s, if given. Raises NotFound.
    """
    rows = ApiToken.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(pk=token_id, **({"user": of} if of else {})).first()
    if row is None:
        raise NotFound(_("There is no such token."))
    if row.revoked_at is None:
        ApiToken.objects.filter(pk=row.pk).update(revoked_at=Now())
        row.refresh_from_db()
        log.append(REVOKED, actor=actor, target=row, details=_facts(row))
    return row


def live() -> QuerySet[ApiToken]:
    """The tokens that open something, unless their user's account is switched off."""
    return ApiToken.objects.filter(revoked_at=None, expires_at__gt=Now())


def find(text: str) -> ApiToken | None:
    """The row of a token with its user, in one query; whether it `is_expired` and its `use_is_due` to be noted.

    None for a text that never was a token.
    """
    rows = ApiToken.objects.filter(digest=token_text.digest(text)).select_related("user")
    return rows.annotate(
        is_expired=_truth(Q(expires_at__lte=Now())),
        use_is_due=_truth(Q(last_used_at=None) | Q(last_used_at__lt=Now() - USE_NOTED_EVERY)),
    ).first()


def note_use(row: ApiToken) -> None:
    """Write down that the token is in use. It never waits, and what keeps it from writing is only logged."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NOTE_USE, [row.pk, USE_NOTED_EVERY.total_seconds()])
    except DatabaseError as error:
        logger.warning("The use of an API token could not be noted: %s", str(error).strip())


def _check(name: str, days: int) -> None:
    if not name:
        raise InvalidInput.on("name", _("Give the token a name."))
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidInput.on("name", _("A name has at most %(limit)d characters.") % {"limit": MAX_NAME_LENGTH})
    if not is_storable(name) or not name.isprintable():
        raise InvalidInput.on("name", _("A name is one line of text without control characters."))
    if not LEAST_DAYS <= days <= MOST_DAYS:
        limits = {"least": LEAST_DAYS, "most": MOST_DAYS}
        raise InvalidInput.on("days", _("A token lives for %(least)d to %(most)d days.") % limits)


def _check_room(user: User, name: str) -> None:
    names = set(live().filter(user=user).values_list("name", flat=True))
    # So a form that is sent twice doesn't make two.
    if name in names:
        raise InvalidInput.on("name", _("You have a live token of this name already."))
    if len(names) >= MOST_LIVE:
        raise TooManyTokens(
            _("There are %(number)d live tokens, the most that a user may have.") % {"number": MOST_LIVE}
        )


def _truth(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _facts(row: ApiToken) -> dict[str, Any]:
    """What the log tells of a token; with its beginning a token that leaked somewhere can be found here."""
    return {
        "user": row.user.get_username(),
        "beginning": row.beginning,
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
    }
