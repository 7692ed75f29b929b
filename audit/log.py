"""Writing an entry, in the transaction of the change that it tells of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

import rfc8785
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.db import connection
from django.db.models import Model
from django.utils.functional import Promise
from uuid_utils.compat import uuid7

from audit import origin
from audit.exceptions import NotInTransaction
from audit.models import AuditEntry, content_hash


class Actor(Protocol):
    """Whoever acts: a saved user."""

    pk: Any

    def get_username(self) -> str: ...


def append(
    action: str,
    *,
    actor: Actor | None,
    target: Model | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down that `actor` did `action` to `target`; None for `actor` is the system itself.

    `details` is plain JSON without floats and without secrets. Where it comes from is taken from
    `audit.origin`. Raises NotInTransaction when no transaction is open: entry and change stand or fall together.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{action} must be appended in the transaction of the change")
    entry = _entry(action, actor, target)
    entry.content = _content(entry, details or {})
    entry.content_hash = content_hash(entry.content)
    entry.save(force_insert=True)
    return entry


def _entry(action: str, actor: Actor | None, target: Model | None) -> AuditEntry:
    source = origin.current()
    return AuditEntry(
        id=uuid7(),
        at=_now(),
        actor_id=actor.pk if actor else None,
        actor_label=actor.get_username() if actor else "",
        action=action,
        target_type=target._meta.label_lower if target else "",
        target_id=str(target.pk) if target else "",
        target_label=str(target)[:200] if target else "",
        channel=source.channel,
        address=_address(source.address),
    )


def _address(text: str) -> str | None:
    """As PostgreSQL keeps it, without the zone of an IPv6 address; what is no address must not stop the change."""
    bare = text.partition("%")[0]
    try:
        validate_ipv46_address(bare)
        return str(AuditEntry._meta.get_field("address").to_python(bare))
    except ValidationError:
        return None


def _now() -> datetime:
    """The database's clock, which all processes share; the entry's content must hold it before it is stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone() or (None,)
    assert isinstance(now, datetime)
    return now.astimezone(UTC)


def _content(entry: AuditEntry, details: dict[str, Any]) -> str:
    return rfc8785.dumps(
        {
            "action": entry.action,
            "actor": {"id": entry.actor_id, "label": entry.actor_label},
            "at": entry.at.isoformat(timespec="microseconds"),
            "details": _plain(details),
            "id": str(entry.id),
            "origin": {
                "address": entry.address or "",
                "channel": entry.channel,
                "correlation_id": origin.current().correlation_id,
            },
            "target": {"id": entry.target_id, "label": entry.target_label, "type": entry.target_type},
        }
    ).decode()


def _plain(value: Any) -> Any:
    """JSON without surprises: translations become text, floats are refused, as not every reader writes them alike."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Promise):
        return str(value)
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{type(value).__name__} can't stand in an audit entry")
