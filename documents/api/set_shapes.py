"""The shapes of labelled sets."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.api.batch_shapes import RefusedOut
from documents.api.uploads import UploadField, UploadsField
from prompts.api.fields import JsonObjectField, StrictSerializer, TextField, WholeNumberField

NAME_HELP = "Lower-case letters, digits, hyphens and underscores; the same name again makes its next revision."


class LabelIn(StrictSerializer):
    """A document with the fields that an answer should have."""

    document = serializers.UUIDField()
    fields = JsonObjectField(  # type: ignore[assignment]
        help_text="By name a text, a number, true, false, or null for what must be missing."
    )


class LabelledSetCreate(StrictSerializer):
    """A labelled set of documents that are here already."""

    name = TextField(max_length=64, help_text=NAME_HELP)
    documents = LabelIn(many=True, allow_empty=False)


class LabelledSetForm(StrictSerializer):
    """A labelled set of files that come with it: any number of `files`, a ZIP `archive` of them, or both."""

    name = TextField(max_length=64, help_text=NAME_HELP)
    labels = UploadField(
        help_text='CSV with a column `file` and one a field, or JSON or JSON Lines of {"file": …, "fields": {…}}.'
    )
    files = UploadsField(required=False, help_text="PDF, PNG, JPEG, TIFF or plain text.")
    archive = UploadField(required=False, help_text="A ZIP archive of such files.")


class LabelledSetRun(StrictSerializer):
    """Which version is run over a set."""

    promptType = TextField(source="prompt_type", max_length=64, help_text="The slug of an active prompt type.")
    versionNumber = WholeNumberField(
        source="version_number", required=False, min_value=1, help_text="Instead of the version that is active now."
    )
    model = TextField(max_length=200, required=False, help_text="Instead of the default of version and type.")
    revision = WholeNumberField(required=False, min_value=1, help_text="Of the set, instead of its newest.")


class LabelledSetOut(serializers.Serializer[Any]):
    """A revision of a labelled set. It never changes."""

    name = serializers.CharField()
    revision = serializers.IntegerField()
    contentSha256 = serializers.CharField(
        source="content_sha256", help_text="Of which files should have which fields, in hex."
    )
    documentCount = serializers.IntegerField(source="document_count")
    createdBy = serializers.CharField(source="created_by.username")
    createdAt = serializers.DateTimeField(source="created_at")


class LabelledDocumentOut(serializers.Serializer[Any]):
    """A document of a set with its expected fields."""

    position = serializers.IntegerField()
    document = serializers.UUIDField(source="document_id")
    name = serializers.CharField(source="document.name")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The one name is that of a method here."""
        return super().get_fields() | {"fields": JsonObjectField(source="expected")}


class LabelledSetAnswer(serializers.Serializer[Any]):
    """A set with a part of its documents; `next` is the address of the next part."""

    data = LabelledSetOut()  # type: ignore[assignment]
    documents = LabelledDocumentOut(many=True)
    next = serializers.CharField(allow_null=True)


class LabelledSetCreatedAnswer(serializers.Serializer[Any]):
    """The set, and the files that came with it and can't be part of it."""

    data = LabelledSetOut()  # type: ignore[assignment]
    refused = RefusedOut(many=True)
