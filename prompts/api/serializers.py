"""The shapes of requests and their answers. No rules here: those are the services'."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prompts.api import reading
from prompts.api.fields import JsonObjectField, StrictSerializer, TextField, TextsField, WholeNumberField
from prompts.models import PromptAttempt, PromptRequest, PromptResponse
from prompts.models.prompt_attempt import Outcome


class PromptCreate(StrictSerializer):
    """A request as it is sent in: a finished `prompt_text`, or `variables` for the template of a version.

    Without a model the version's is used, then the type's default, then the installation's.
    """

    model = TextField(
        max_length=200, required=False, help_text="`provider/model`, or a bare name where it is unambiguous."
    )
    prompt_type = TextField(max_length=64, help_text="The slug of an active prompt type.")
    prompt_text = TextField(
        trim_whitespace=False, required=False, help_text="At most 1 MB of UTF-8.", style={"prefilled": True}
    )
    variables = TextsField(required=False, help_text="A text for each placeholder of the template, by its name.")
    version_number = WholeNumberField(
        required=False, min_value=1, help_text="With `variables`: this version instead of the active one."
    )
    purpose = TextField(max_length=500, required=False, allow_blank=True, help_text="Why it is asked.")
    parameters = JsonObjectField(required=False, help_text="Options for the model, for example `temperature`.")
    metadata = JsonObjectField(required=False, help_text="Your own notes; kept and given back as they are.")
    run_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Not before this time (ISO 8601; UTC where no offset is given)."
    )


class PromptReplay(StrictSerializer):
    """What a replay may change."""

    model = TextField(max_length=200, required=False, help_text="Another model for the same input.")
    version_number = WholeNumberField(
        required=False,
        min_value=1,
        help_text="A version of its type to fill in with the same `variables`; the text, else, is sent as it was.",
    )


class Nothing(StrictSerializer):
    """An empty object."""


class PromptOut(serializers.ModelSerializer[PromptRequest]):
    """A request without its answer."""

    user = serializers.CharField(source="user.username", read_only=True)
    prompt_type = serializers.CharField(source="prompt_type_id", read_only=True)
    replay_of = serializers.UUIDField(source="replay_of_id", read_only=True, allow_null=True)
    parameters = JsonObjectField(read_only=True)
    metadata = JsonObjectField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    version_number = serializers.IntegerField(
        source="version.version_number", read_only=True, allow_null=True, help_text="Also of a version deleted since."
    )
    template_sha256 = serializers.CharField(source="version.template_sha256", read_only=True, allow_null=True)
    is_sandbox = serializers.BooleanField(read_only=True)
    texts_erased_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="Since when prompt, variables, metadata and answer are gone; null while they are there.",
    )

    class Meta:
        model = PromptRequest
        fields = [
            "id",
            "user",
            "model",
            "prompt_type",
            "version_number",
            "template_sha256",
            "is_sandbox",
            "prompt_text",
            "purpose",
            "status",
            "created_at",
            "parameters",
            "metadata",
            "run_at",
            "replay_of",
            "simulated",
            "attempt_count",
            "started_at",
            "finished_at",
            "texts_erased_at",
            "error_class",
            "error_message",
        ]
        read_only_fields = fields


class PromptShort(PromptOut):
    """A request in a list (prompts/api/reading.py, `shortened`)."""

    prompt_text = serializers.CharField(
        source="prompt_text_start",
        read_only=True,
        help_text="The first 2,000 characters; the whole text is in the detail.",
    )


class ResponseOut(serializers.ModelSerializer[PromptResponse]):
    """The answer. Tokens and cost (USD) are null where the vendor or the price list doesn't tell."""

    created_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = PromptResponse
        fields = [
            "id",
            "response_text",
            "created_at",
            "duration_ms",
            "provider",
            "model",
            "finish_reason",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "reasoning_tokens",
            "cost",
            "provider_request_id",
            "simulated",
        ]
        read_only_fields = fields


class AttemptOut(serializers.ModelSerializer[PromptAttempt]):
    """One call to the vendor. `outcome` is empty while it runs."""

    outcome = serializers.ChoiceField(choices=["", *Outcome.values], read_only=True)

    class Meta:
        model = PromptAttempt
        fields = reading.ATTEMPT_FIELDS
        read_only_fields = fields


class PromptDetail(PromptOut):
    """A request with its answer, or null, and every attempt, oldest first."""

    variables = TextsField(read_only=True, allow_null=True)
    awaits_text = serializers.BooleanField(
        read_only=True,
        help_text="True while the document that it is about is being read; until then it has no text.",
    )
    response = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()

    class Meta(PromptOut.Meta):
        fields = [*PromptOut.Meta.fields, "awaits_text", "variables", "response", "attempts"]
        read_only_fields = fields

    @extend_schema_field(ResponseOut(allow_null=True))
    def get_response(self, request: PromptRequest) -> dict[str, Any] | None:
        """The answer that came with the row."""
        response = getattr(request, "response", None)
        return ResponseOut(response).data if response else None

    @extend_schema_field(AttemptOut(many=True))
    def get_attempts(self, request: PromptRequest) -> list[dict[str, Any]]:
        """The attempts that came with the row."""
        return reading.present_attempts(request)
