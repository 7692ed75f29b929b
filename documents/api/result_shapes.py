"""The shapes of what came of a batch."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.api.document_shapes import DocumentDetail
from documents.services.outcomes import ItemOutcome
from prompts.api.check_shapes import FieldProblemOut
from prompts.api.fields import JsonObjectField


class ErrorOut(serializers.Serializer[Any]):
    """Why there is no answer."""

    code = serializers.CharField(help_text="That of the request's error, or of the document's reading, or `refused`.")
    message = serializers.CharField()


class ItemOut(serializers.Serializer[Any]):
    """What came of one document: the fields of its answer, what of them is missing or wrong, or why there are none.

    A line of the JSON Lines file is the same.
    """

    position = serializers.IntegerField(help_text="In the batch, from 1.")
    document = serializers.CharField(help_text="Its name.")
    documentId = serializers.UUIDField()
    sha256 = serializers.CharField(help_text="Of the file, in hex.")
    outcome = serializers.ChoiceField(choices=ItemOutcome.choices)
    fields = JsonObjectField(  # type: ignore[assignment]
        allow_null=True, help_text="As they came; null where no answer holds a JSON object."
    )
    text = serializers.CharField(help_text="The answer as it came, where no JSON object is in it.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Fields that the version's schema names and the answer has not."
    )
    problems = FieldProblemOut(many=True)
    error = ErrorOut(allow_null=True)
    pageCount = serializers.IntegerField(allow_null=True)
    confidence = serializers.IntegerField(
        allow_null=True, help_text="Mean of its pages, in percent; null without recognised text."
    )
    durationMs = serializers.IntegerField(allow_null=True)
    cost = serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True, help_text="In USD.")
    inputTokens = serializers.IntegerField(allow_null=True)
    outputTokens = serializers.IntegerField(allow_null=True)
    finishReason = serializers.CharField()
    textsErasedAt = serializers.DateTimeField(
        allow_null=True, help_text="Since when the answer is gone; null while it is there."
    )
    requestId = serializers.UUIDField(allow_null=True, help_text="Which asked; null where none was sent.")
    promptType = serializers.CharField()
    versionNumber = serializers.IntegerField()
    model = serializers.CharField()


class ResultsAnswer(serializers.Serializer[Any]):
    """Some of the results, in the order of the batch."""

    data = ItemOut(many=True)  # type: ignore[assignment]
    next = serializers.URLField(allow_null=True, help_text="Where the next ones are; null behind the last.")


class ItemDetail(serializers.Serializer[Any]):
    """A document of a batch with the text of its pages, and what came of it."""

    document = DocumentDetail()
    result = ItemOut()


class ItemAnswer(serializers.Serializer[Any]):
    """One document of a batch."""

    data = ItemDetail()  # type: ignore[assignment]
