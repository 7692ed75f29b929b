"""The shapes of versions, in the names of the published contract (docs/contract/prompt-versions.openapi.yaml)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from prompts import answers, comparison
from prompts.api.check_shapes import NULLABLE_CHECK, FieldCheckOut
from prompts.api.fields import JsonObjectField, StrictSerializer, TextField, TextsField, WholeNumberField
from prompts.field_schemas import check_answer
from prompts.models import PromptVersion
from prompts.models.prompt_version import MAX_NOTE_LENGTH
from prompts.services.lifecycle import MAX_REASON_LENGTH


class VersionOut(serializers.Serializer[Any]):
    """A version of a prompt type."""

    promptType = serializers.CharField(source="prompt_type_id")
    versionNumber = serializers.IntegerField(source="version_number")
    template = serializers.CharField()
    templateSha256 = serializers.CharField(source="template_sha256")
    model = serializers.CharField(help_text="Empty: the type's default.")
    parameters = JsonObjectField()
    fieldSchema = JsonObjectField(
        source="field_schema", allow_null=True, help_text="JSON Schema of the expected answer."
    )
    isActive = serializers.BooleanField(source="is_active")
    testResultJson = JsonObjectField(
        source="test_result_json", allow_null=True, help_text="What the last sandbox run came to."
    )
    manualNote = serializers.CharField(source="manual_note", allow_null=True)
    lastTestedAt = serializers.DateTimeField(source="last_tested_at", allow_null=True)
    activatedAt = serializers.DateTimeField(source="activated_at", allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at")
    createdBy = serializers.CharField(source="author", help_text="Empty for a version that came with the program.")


class VersionDetail(VersionOut):
    """A version, with its last test held against its field schema."""

    testResultCheck = serializers.SerializerMethodField(
        help_text="What its answer lacks by the field schema; null without a schema, a test, or an answer."
    )

    @extend_schema_field(NULLABLE_CHECK)
    def get_testResultCheck(self, version: PromptVersion) -> dict[str, Any] | None:
        """What the last answer lacks."""
        result, schema = version.test_result_json, version.field_schema
        if result is None or schema is None or answers.is_failure(result):
            return None
        return dict(FieldCheckOut(check_answer(schema, result)).data)


class VersionAnswer(serializers.Serializer[Any]):
    """One version."""

    data = VersionDetail()  # type: ignore[assignment]


@extend_schema_serializer(many=False)
class VersionsAnswer(serializers.Serializer[Any]):
    """All versions of a type, newest number first."""

    data = VersionOut(many=True)  # type: ignore[assignment]


class ActivationAnswer(VersionAnswer):
    """The version that is active now."""

    message = serializers.CharField(required=False, help_text="Says so when it was active already.")


class VersionCreate(StrictSerializer):
    """A new version; the server gives it its number."""

    template = TextField(
        trim_whitespace=False,
        help_text="With the placeholders that its type requires, such as {{ocr_text}}; the type sets its length.",
    )
    model = TextField(max_length=200, required=False, allow_blank=True, help_text="Instead of the type's default.")
    parameters = JsonObjectField(required=False, help_text="Options for the model, on top of the type's.")
    fieldSchema = JsonObjectField(
        source="field_schema", required=False, allow_null=True, help_text="JSON Schema of the expected answer."
    )
    manualNote = TextField(
        source="manual_note",
        max_length=MAX_NOTE_LENGTH,
        trim_whitespace=False,
        required=False,
        allow_null=True,
        allow_blank=True,
    )


class VersionNote(StrictSerializer):
    """A note on a version; null takes it away."""

    manualNote = TextField(
        source="note", max_length=MAX_NOTE_LENGTH, trim_whitespace=False, allow_null=True, allow_blank=True
    )


class VersionActivate(StrictSerializer):
    """What may be said on an activation."""

    bypassReason = TextField(
        source="bypass_reason",
        max_length=MAX_REASON_LENGTH,
        required=False,
        allow_blank=True,
        help_text="Why it is activated without the review or the accuracy that its type requires. It is audited.",
    )


class DiffLine(serializers.Serializer[Any]):
    """A line with its ending, and its number in each of the two templates; null where it isn't there."""

    op = serializers.ChoiceField(choices=list(comparison.SIGNS))
    fromLine = serializers.IntegerField(allow_null=True)
    toLine = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class Change(serializers.Serializer[Any]):
    """A value before and after."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The one name is a word of the language."""
        return {"from": serializers.JSONField(allow_null=True), "to": serializers.JSONField(allow_null=True)}


class Changes(serializers.Serializer[Any]):
    """Of what belongs to the template, only what differs."""

    model = Change(required=False)
    parameters = Change(required=False)
    fieldSchema = Change(required=False)


class DiffOut(serializers.Serializer[Any]):
    """What two versions differ in."""

    promptType = serializers.CharField()
    fromVersion = serializers.IntegerField()
    toVersion = serializers.IntegerField()
    unified = serializers.CharField(help_text="The templates as a unified diff; empty when they are the same.")
    lines = DiffLine(many=True, help_text="Every line of both templates, in order.")
    changes = Changes()


class DiffAnswer(serializers.Serializer[Any]):
    """The differences."""

    data = DiffOut()  # type: ignore[assignment]


class VersionRender(StrictSerializer):
    """What the placeholders are to be filled with."""

    variables = TextsField(help_text="A text for each placeholder of the template, by its name.")
    versionNumber = WholeNumberField(required=False, min_value=1, help_text="Instead of the active version.")


class RenderedOut(serializers.Serializer[Any]):
    """A text as a model would get it, with the hexadecimal SHA-256 of template and text."""

    text = serializers.CharField()
    versionNumber = serializers.IntegerField()
    templateSha256 = serializers.CharField()
    renderedSha256 = serializers.CharField()


class RenderedAnswer(serializers.Serializer[Any]):
    """The text."""

    data = RenderedOut()  # type: ignore[assignment]
