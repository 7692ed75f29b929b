"""The shapes of models and types."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.api.fields import JsonObjectField, StrictSerializer, TextField, TruthField, WholeNumberField
from prompts.models import PromptType
from prompts.models.prompt_type import MAX_KEEP_DAYS, MAX_TEMPLATE_LENGTH
from prompts.services.types import MOST_PLACEHOLDERS


class ModelOut(serializers.Serializer[Any]):
    """A model that can be asked for; `provider/*` stands for any model of that provider."""

    name = serializers.CharField()
    provider = serializers.CharField()
    simulated = serializers.BooleanField()
    is_default = serializers.BooleanField()


class ModelList(serializers.Serializer[Any]):
    """Every usable model."""

    results = ModelOut(many=True)


class PromptTypeOut(serializers.ModelSerializer[PromptType]):
    """A kind of prompt with its defaults."""

    default_parameters = JsonObjectField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = PromptType
        fields = [
            "slug",
            "label",
            "description",
            "default_model",
            "default_parameters",
            "is_active",
            "required_placeholders",
            "max_template_length",
            "requires_review",
            "keep_texts_days",
            "keep_facts_days",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class PromptTypeChange(StrictSerializer):
    """What may be changed of a type. The slug never changes."""

    label = TextField(max_length=120, required=False)  # type: ignore[assignment]
    description = TextField(max_length=2000, required=False, allow_blank=True)
    default_model = TextField(max_length=200, required=False, allow_blank=True)
    default_parameters = JsonObjectField(required=False)
    is_active = TruthField(required=False)
    required_placeholders = serializers.ListField(
        child=TextField(max_length=64),
        max_length=MOST_PLACEHOLDERS,
        required=False,
        help_text="Names that each template of this type must have in double braces.",
    )
    max_template_length = WholeNumberField(
        min_value=1, max_value=MAX_TEMPLATE_LENGTH, required=False, help_text="In characters."
    )
    requires_review = TruthField(
        required=False, help_text="Whether somebody other than its author has to activate a version."
    )
    keep_texts_days = WholeNumberField(
        min_value=1,
        max_value=MAX_KEEP_DAYS,
        required=False,
        allow_null=True,
        help_text="Prompts and answers are erased so many days after they were sent; null: never.",
    )
    keep_facts_days = WholeNumberField(
        min_value=1,
        max_value=MAX_KEEP_DAYS,
        required=False,
        allow_null=True,
        help_text="Requests are deleted so many days after they were sent; null: never.",
    )


class PromptTypeCreate(PromptTypeChange):
    """A new type."""

    slug = TextField(max_length=64, help_text="Lower-case letters, digits and underscores, beginning with a letter.")
    label = TextField(max_length=120)
