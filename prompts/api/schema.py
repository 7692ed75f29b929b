"""What the API schema says of every operation: its errors, its headers, its examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

DESCRIPTIONS = {
    400: "Something in the body, the query or a header can't be accepted; `errors` names it.",
    401: "No valid token or session.",
    403: "Signed in, but not allowed.",
    404: "Not there, or not yours.",
    409: "The state doesn't allow it, or the same keyed request is still running (then with Retry-After).",
    413: "The body is too long.",
    415: "The body is in a format that is not taken here.",
    422: "The Idempotency-Key was used with another body.",
    429: "Too many; Retry-After says how many seconds to wait.",
    503: "The database is away; Retry-After says how many seconds to wait.",
}
EXAMPLES: dict[int, dict[str, Any]] = {
    400: {
        "message": "prompt_text: This field is required.",
        "userMessage": "Some of what you entered can't be used.",
        "recoveryAction": "Correct the fields that are named and send it again.",
        "errors": {"prompt_text": ["This field is required."]},
    },
    401: {
        "message": "Authentication credentials were not provided.",
        "userMessage": "You are not signed in.",
        "recoveryAction": "Sign in, or get a new token, and try again.",
    },
    404: {
        "message": "There is no request 0199f0aa-6a39-7cc1-b1f8-3d1f0c6e2d11.",
        "userMessage": "This was not found.",
        "recoveryAction": "Check the address, or go back to the list and choose from there.",
    },
}


class Error(serializers.Serializer[Any]):
    """Every error: `message` for developers, the other two for people, in the language of Accept-Language."""

    message = serializers.CharField()
    userMessage = serializers.CharField()
    recoveryAction = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )


class StrictBody(OpenApiSerializerExtension):
    """A body in which no other field is accepted, in the schema as in `StrictSerializer`."""

    target_class = "prompts.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """As without this extension, closed."""
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        return schema | {"additionalProperties": False}


def answers(success: int | tuple[int, str], content: Any, *failures: int) -> dict[Any, Any]:
    """The `responses` of an operation: its success, its own failures, and those that any operation has.

    A success that is no JSON is given with its media type.
    """
    return {success: content} | {status: _failure(status) for status in sorted({*failures, 503})}


def _failure(status: int) -> OpenApiResponse:
    examples = [OpenApiExample(f"error_{status}", value=EXAMPLES[status])] if status in EXAMPLES else []
    return OpenApiResponse(Error, description=DESCRIPTIONS[status], examples=examples)


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "1 to 255 printable ASCII characters. For 24 hours the same key with the same body gets the first answer "
        "again, with `Idempotent-Replayed: true`, and nothing is created twice."
    ),
)
LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, description="Where it is.", response=[201]
)
CREATION_HEADERS = [IDEMPOTENCY_KEY, LOCATION]
CREATE_EXAMPLE = OpenApiExample(
    "a_question",
    value={"model": "simulator/default", "prompt_type": "text", "prompt_text": "Say hello.", "purpose": "A first try"},
    request_only=True,
)
