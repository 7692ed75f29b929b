"""Answering a keyed POST once (docs/decisions; IETF draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput, KeyReused, StillRunning
from prompts.models import IdempotencyKey
from prompts.services.housekeeping import IDEMPOTENCY_KEY_LIFETIME

KEY_FORM = re.compile(r"[\x20-\x7e]{1,255}")


class Caller(Protocol):
    """Whose key it is: a saved user."""

    @property
    def pk(self) -> Any:
        """The account's id."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets. `body` and `headers` are plain JSON; `replayed` says that it was given before."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


@transaction.atomic
def answer_once(*, user: Caller, route: str, key: str, body: Any, produce: Callable[[], Answer]) -> Answer:
    """The first answer to this key of this user on this route; `produce` makes it and is called at most once.

    What `produce` stores and the answer are one transaction: an error in it stores neither. A key older than
    24 hours counts as unused. Raises InvalidInput for a malformed key, StillRunning while another call with
    it is under way, KeyReused when it came with another `body`, and whatever `produce` raises.
    """
    if not KEY_FORM.fullmatch(key):
        raise InvalidInput.on("Idempotency-Key", _("Idempotency-Key must be 1 to 255 printable ASCII characters."))
    _lock(f"{user.pk} {route} {key}")
    body_hash = _hash(body)
    stored = IdempotencyKey.objects.filter(
        user_id=user.pk, route=route, key=key, created_at__gte=Now() - IDEMPOTENCY_KEY_LIFETIME
    ).first()
    if stored is not None:
        return _repeat(stored, body_hash)
    answer = produce()
    _store(user, route, key, body_hash, answer)
    return answer


def _repeat(stored: IdempotencyKey, body_hash: bytes) -> Answer:
    if bytes(stored.body_hash) != body_hash:
        raise KeyReused(_("This Idempotency-Key was used with another body."))
    return Answer(**stored.answer, replayed=True)


def _store(user: Caller, route: str, key: str, body_hash: bytes, answer: Answer) -> None:
    content = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    IdempotencyKey.objects.update_or_create(
        user_id=user.pk,
        route=route,
        key=key,
        defaults={"body_hash": body_hash, "answer": content, "created_at": Now()},
    )


def _lock(name: str) -> None:
    """Hold `name` until the transaction ends; PostgreSQL frees it also when this process dies."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (obtained,) = cursor.fetchone() or (False,)
    if not obtained:
        raise StillRunning(_("A request with this Idempotency-Key is being processed."))


def _hash(body: Any) -> bytes:
    """SHA-256 of the canonical form: keys sorted, no white space."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
