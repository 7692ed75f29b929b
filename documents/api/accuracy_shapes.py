"""The shapes of accuracies and gates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents.api.batch_shapes import SetOut
from documents.models import AccuracyRun
from documents.services import measuring
from documents.services.outcomes import ItemOutcome
from prompts.api.fields import StrictSerializer, TextField, WholeNumberField


class ShareOut(serializers.Serializer[Any]):
    """How many of how many, as a share from 0 to 1 (rounded down to four places), and its 95 % interval (Wilson)."""

    correct = serializers.IntegerField()
    total = serializers.IntegerField()
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class FieldSharesOut(serializers.Serializer[Any]):
    """How often a field was right, and right to the letter."""

    field = serializers.CharField()
    right = ShareOut()
    exact = ShareOut()


class AccuracyOut(serializers.Serializer[Any]):
    """What a version came to on a labelled set. All values count, those of documents without an answer as wrong."""

    batch = serializers.UUIDField(source="batch_id")
    promptType = serializers.CharField(source="version.prompt_type_id")
    versionNumber = serializers.IntegerField(source="version.version_number")
    model = serializers.CharField()
    labelledSet = SetOut(source="labelled_set")
    contentSha256 = serializers.CharField(source="content_sha256", help_text="Of the set's contents at that time.")
    documents = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    right = serializers.SerializerMethodField(help_text="The same date, amount or words.")
    exact = serializers.SerializerMethodField(help_text="The same to the letter.")
    byField = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")

    @extend_schema_field(ShareOut)
    def get_right(self, run: AccuracyRun) -> dict[str, Any]:
        """Over all fields."""
        return dict(ShareOut(measuring.share(run)).data)

    @extend_schema_field(ShareOut)
    def get_exact(self, run: AccuracyRun) -> dict[str, Any]:
        """Over all fields."""
        return dict(ShareOut(measuring.exact_share(run)).data)

    @extend_schema_field(FieldSharesOut(many=True))
    def get_byField(self, run: AccuracyRun) -> list[dict[str, Any]]:
        """In the order of the alphabet."""
        shares = measuring.field_shares(run).items()
        rows = [{"field": name, "right": right, "exact": exact} for name, (right, exact) in shares]
        return list(FieldSharesOut(rows, many=True).data)


class JudgementOut(serializers.Serializer[Any]):
    """A field, what it should be, and what came; null where nothing came."""

    field = serializers.CharField()
    expected = serializers.JSONField(allow_null=True)
    given = serializers.JSONField(allow_null=True)
    right = serializers.BooleanField(source="is_right")
    exact = serializers.BooleanField(source="is_exact")


class JudgedOut(serializers.Serializer[Any]):
    """A labelled document, with all its fields."""

    position = serializers.IntegerField(help_text="In the set.")
    document = serializers.UUIDField(source="document_id")
    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["", *ItemOutcome.values])
    wrong = serializers.IntegerField(help_text="How many of its fields.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The one name is that of a method here."""
        return super().get_fields() | {"fields": JudgementOut(many=True)}


class AccuraciesAnswer(serializers.Serializer[Any]):
    """The measurements, newest first."""

    data = AccuracyOut(many=True)  # type: ignore[assignment]


class AccuracyAnswer(serializers.Serializer[Any]):
    """One measurement, and the documents with something wrong, the worst first."""

    data = AccuracyOut()  # type: ignore[assignment]
    worst = JudgedOut(many=True)


class FractionField(serializers.DecimalField):
    """A JSON number. The base class also takes texts and truth values that look like one."""

    def to_internal_value(self, data: Any) -> Decimal:
        """As in the base class. Raises ValidationError, also for a text."""
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        return super().to_internal_value(data)


class GateIn(StrictSerializer):
    """What is demanded of a version before it may be activated."""

    labelledSet = TextField(source="name", max_length=64, help_text="The name of a labelled set.")
    revision = WholeNumberField(required=False, min_value=1, help_text="Of the set, instead of its newest.")
    threshold = FractionField(
        coerce_to_string=False,
        max_digits=4,
        decimal_places=3,
        min_value=0,
        max_value=1,
        help_text="Share of labelled values that must be right, from 0 to 1.",
    )


class StandingOut(serializers.Serializer[Any]):
    """How a version stands before the gate."""

    versionNumber = serializers.IntegerField(source="version.version_number")
    model = serializers.CharField(source="state.model", help_text="The model that it was to be measured with.")
    reached = serializers.BooleanField(source="state.is_reached", help_text="Whether it may be activated.")
    message = serializers.CharField(source="state.message")
    share = ShareOut(source="state.share", allow_null=True, help_text="Null: no run counts yet.")
    batch = serializers.UUIDField(source="state.run.batch_id", allow_null=True, default=None, help_text="The run.")


class GateOut(serializers.Serializer[Any]):
    """The demand, pinned to one revision of a set and its contents; and how one version stands before it."""

    promptType = serializers.CharField(source="gate.prompt_type_id")
    labelledSet = SetOut(source="gate.labelled_set")
    contentSha256 = serializers.CharField(source="gate.labelled_set.content_sha256")
    threshold = serializers.FloatField(source="gate.threshold")
    updatedAt = serializers.DateTimeField(source="gate.updated_at")
    standing = StandingOut(allow_null=True, help_text="Of the version that was named, or is active; or null.")


class GateAnswer(serializers.Serializer[Any]):
    """The gate of a type."""

    data = GateOut()  # type: ignore[assignment]
