"""Serializers that take nothing they don't know."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

#: A body may hold a million unknown names; the answer need not repeat them all.
NAMED_AT_MOST = 20
NAME_LENGTH = 100


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses a field that is unknown or that only the server sets, by name, instead of dropping it silently."""

    default_error_messages = {"unknown": _("There is no such field, or it can't be set.")}

    def to_internal_value(self, data: Any) -> Any:
        """As in the base class. Raises ValidationError naming the fields that can't be set."""
        if isinstance(data, dict):
            settable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := [name for name in data if name not in settable]:
                text = str(self.error_messages["unknown"])
                raise serializers.ValidationError({name[:NAME_LENGTH]: [text] for name in unknown[:NAMED_AT_MOST]})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A JSON string. The base class also takes numbers, and stores something else than was sent."""

    def to_internal_value(self, data: Any) -> str:
        """As in the base class. Raises ValidationError, also for a number."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer. The base class also takes texts, fractions and truth values that look like one."""

    def to_internal_value(self, data: Any) -> int:
        """As in the base class. Raises ValidationError, also for a text."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class TruthField(serializers.BooleanField):
    """JSON's true or false. The base class also takes "yes", "off", 1 and more."""

    def to_internal_value(self, data: Any) -> bool:
        """As in the base class. Raises ValidationError, also for a text or a number."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JsonObjectField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """A JSON object with any content; the services check what it may hold."""

    default_error_messages = {"not_an_object": _("This must be a JSON object.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object as it came. Raises ValidationError."""
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        """The object as it is stored."""
        return value


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class TextsField(JsonObjectField):
    """A JSON object whose values are texts; which names it needs, the template says."""

    default_error_messages = {"not_a_text": _("%(name)s must be a text.")}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """The object as it came. Raises ValidationError, also for a value that is no text."""
        texts = super().to_internal_value(data)
        if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
            problem = str(self.error_messages["not_a_text"])
            raise serializers.ValidationError(
                [problem % {"name": name[:NAME_LENGTH]} for name in wrong[:NAMED_AT_MOST]]
            )
        return texts
