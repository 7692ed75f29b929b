"""What a change changed, as an entry tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`{name: {"old": …, "new": …}}` of the values of `after` that `before` has otherwise; empty when none has changed.

    Objects stand in it as JSON text with sorted keys: they may hold floats, which an entry does not take.
    """
    return {
        name: {"old": plain(before.get(name)), "new": plain(value)}
        for name, value in after.items()
        if before.get(name) != value
    }


def plain(value: Any) -> Any:
    """A value as an entry takes it: an object, or a float, as its JSON text."""
    if isinstance(value, (dict, float)):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return value
