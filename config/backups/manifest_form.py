"""What a manifest has to look like. Its texts are printed: none may do more to a terminal than stand there."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

FORMAT = "ai-prompt-manager backup 1"
_NUMBER = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string", "pattern": r"^[ -~]*\Z", "maxLength": 200}
_TIME = {"type": "string", "pattern": r"^[0-9T:.+Z-]{10,40}\Z"}
_HASH = {"type": "string", "pattern": r"^[0-9a-f]{64}\Z"}


def _object(**properties: Any) -> dict[str, Any]:
    """With all of these, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _mapping(values: Any) -> dict[str, Any]:
    return {"type": "object", "propertyNames": _TEXT, "additionalProperties": values}


def _or_null(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, {"type": "null"}]}


FORM = Draft202012Validator(
    _object(
        format={"const": FORMAT},
        made_at=_TIME,
        release=_TEXT,
        server=_NUMBER,
        dump=_NUMBER,
        tables=_mapping(_NUMBER),
        migrations=_mapping({"type": "array", "items": _TEXT}),
        chain=_object(
            size=_NUMBER,
            head=_HASH,
            waiting=_NUMBER,
            checkpoint_size=_or_null(_NUMBER),
            checkpoint_at=_or_null(_TIME),
            key_id=_or_null(_TEXT),
        ),
        members=_mapping(_object(size=_NUMBER, sha256=_HASH)),
        documents=_object(
            files=_NUMBER,
            bytes=_NUMBER,
            sha256=_HASH,
            absent=_NUMBER,
            named={"type": "array", "items": _HASH},
            erased=_NUMBER,
        ),
    )
)
