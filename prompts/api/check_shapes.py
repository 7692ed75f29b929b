"""The shapes of an answer that was held against a field schema (prompts/field_schemas.py)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class FieldProblemOut(serializers.Serializer[Any]):
    """Where a field is not what the version's schema demands."""

    field = serializers.CharField(help_text="Empty for the answer as a whole.")
    message = serializers.CharField(help_text="In the language of Accept-Language.")


class FieldCheckOut(serializers.Serializer[Any]):
    """What of an answer is missing or wrong, by the version's field schema."""

    missing = serializers.ListField(child=serializers.CharField(), help_text="Fields without a value.")
    problems = FieldProblemOut(many=True)


#: In one piece: OpenAPI 3.0 has no reference that may be null and says its type.
NULLABLE_CHECK = {
    "type": "object",
    "nullable": True,
    "properties": {
        "missing": {"type": "array", "items": {"type": "string"}},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["missing", "problems"],
}
