"""The active version of a type as a value that can be kept, and its form outside the process."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.crypto import salted_hmac

TIMES = ("activated_at", "created_at")


class Stamp(NamedTuple):
    """What PostgreSQL says is active at this moment. A kept version is fresh only under exactly the same stamp.

    The epoch alone would not do: a transaction that is rolled back, or a restored backup, gives the same epoch a
    second time to another version (docs/decisions/0008-active-version-cache.md).
    """

    epoch: int
    version_id: int
    activated_at: datetime
    template_sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class ActiveVersion:
    """What of a version is needed to use it. Nothing here changes while `stamp` stays the same.

    It is shared by all threads of a process: whoever wants to change `parameters` or `field_schema` takes a copy.
    Two of them are equal only if they are the same object.
    """

    prompt_type: str
    version_id: int
    version_number: int
    template: str
    template_sha256: str
    field_schema: dict[str, Any] | None
    model: str
    parameters: dict[str, Any]
    activated_at: datetime | None
    created_at: datetime
    epoch: int

    @property
    def stamp(self) -> Stamp | None:
        """None for a version that never was active."""
        if self.activated_at is None:
            return None
        return Stamp(self.epoch, self.version_id, self.activated_at, self.template_sha256)


def to_json(version: ActiveVersion) -> str:
    """A JSON object with all fields and, in `mac`, a signature of them: whoever can write to Redis can't forge one.

    Keys stay in PostgreSQL's order, so that a version has the same bytes and the same ETag wherever it was read from.
    """
    fields = asdict(version) | {name: _time(getattr(version, name)) for name in TIMES}
    return json.dumps(fields | {"mac": _mac(fields)}, separators=(",", ":"), ensure_ascii=False)


def from_json(content: bytes) -> ActiveVersion | None:
    """The version that `to_json` wrote with this installation's key; None for anything else."""
    try:
        fields = json.loads(content)
        if not hmac.compare_digest(fields.pop("mac"), _mac(fields)):
            return None
        return ActiveVersion(**fields | {name: datetime.fromisoformat(fields[name]) for name in TIMES})
    # Anything can stand there: no JSON, no object, no text for a signature, numbers or depth beyond Python's limits.
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _canonical(fields: dict[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _mac(fields: dict[str, Any]) -> str:
    return salted_hmac("prompts.active_version", _canonical(fields), algorithm="sha256").hexdigest()
