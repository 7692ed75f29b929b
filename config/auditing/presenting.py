"""An entry as JSON shows it."""

from __future__ import annotations

import json
from typing import Any

from audit.models import AuditEntry
from audit.services.state import ChainState


def told(entry: AuditEntry) -> dict[str, Any]:
    """What stands in the entry's content; empty where somebody has made it unreadable, which `verify_audit` reports."""
    try:
        content = json.loads(entry.content)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def present(entry: AuditEntry) -> dict[str, Any]:
    """The entry with its place in the chain, for `AuditEntryOut`."""
    content = told(entry)
    link = getattr(entry, "link", None)
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": {"id": entry.actor_id, "username": entry.actor_label} if entry.actor_label else None,
        "action": entry.action,
        "target": _target(entry) if entry.target_type else None,
        "origin": {
            "channel": entry.channel,
            "address": entry.address,
            "correlation_id": correlation_id(content),
        },
        "details": content.get("details", {}),
        "seq": link.seq if link else None,
        "content_hash": bytes(entry.content_hash).hex(),
        "hash": bytes(link.hash).hex() if link else None,
    }


def correlation_id(content: dict[str, Any]) -> str:
    """The id of the request in the logs, empty where there was none."""
    origin = content.get("origin")
    return str(origin.get("correlation_id", "")) if isinstance(origin, dict) else ""


def _target(entry: AuditEntry) -> dict[str, str]:
    return {"type": entry.target_type, "id": entry.target_id, "label": entry.target_label}


def present_state(state: ChainState) -> dict[str, Any]:
    """The state of the chain, for `ChainStateOut`."""
    covered = state.checkpoint_size is not None
    checkpoint = {"size": state.checkpoint_size, "at": state.checkpoint_at, "key_id": state.key_id}
    return {
        "size": state.size,
        "head": state.head,
        "waiting": state.waiting,
        "oldest_waiting_seconds": state.oldest_waiting_seconds,
        "checkpoint": checkpoint if covered else None,
    }
