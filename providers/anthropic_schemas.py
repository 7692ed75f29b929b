"""What Anthropic enforces of a JSON Schema, whose grammar may have few unions and few optional fields.

https://platform.claude.com/docs/en/build-with-claude/structured-outputs#schema-complexity-limits
"""

from __future__ import annotations

import re
from typing import Any

from providers.schemas import NULL, Schema, parts, portable

MOST_UNIONS = 16
MOST_OPTIONAL = 24
FIELD_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def enforceable(schema: Schema) -> dict[str, Any] | None:
    """The schema for `output_config.format`; None where Anthropic would refuse it.

    With many fields that may be null, those are left away instead: no field then counts as a union.
    """
    reduced = portable(schema)
    if reduced is None or not all(map(FIELD_NAME.fullmatch, _field_names(reduced))):
        return None
    if _unions(reduced) <= MOST_UNIONS:
        return reduced
    looser = _with_optional_fields(reduced)
    return looser if _unions(looser) <= MOST_UNIONS and _optional_fields(looser) <= MOST_OPTIONAL else None


def _field_names(schema: Schema) -> list[str]:
    return [name for part in parts(schema) for name in part.get("properties", ())]


def _unions(schema: Schema) -> int:
    return sum("anyOf" in part or isinstance(part.get("type"), list) for part in parts(schema))


def _optional_fields(schema: Schema) -> int:
    return sum(len(part["properties"]) - len(part["required"]) for part in parts(schema) if "properties" in part)


def _with_optional_fields(part: dict[str, Any]) -> dict[str, Any]:
    """The reduced part with each field optional that might be null, and then never null."""
    made = dict(part)
    if "properties" in part:
        stripped = {name: _without_null(field) for name, field in part["properties"].items()}
        made["properties"] = {name: _with_optional_fields(field) for name, field in stripped.items()}
        made["required"] = [name for name in part["required"] if stripped[name] == part["properties"][name]]
    if "items" in part:
        made["items"] = _with_optional_fields(part["items"])
    if "anyOf" in part:
        made["anyOf"] = [_with_optional_fields(choice) for choice in part["anyOf"]]
    return made


def _without_null(part: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part.get("type"), list):
        return part | {"type": part["type"][0]}
    if NULL not in part.get("anyOf", ()):
        return part
    others = [choice for choice in part["anyOf"] if choice != NULL]
    rest = {name: value for name, value in part.items() if name != "anyOf"}
    return rest | (others[0] | rest if len(others) == 1 else {"anyOf": others})
