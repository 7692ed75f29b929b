"""Two batches over the same files, field by field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.api import reading
from documents.api.queries import identifier, number_parameter, whole_number
from documents.api.results import AFTER, LIMIT
from documents.services.comparing import compare
from prompts.api.filters import refuse_unknown
from prompts.api.schema import answers

PARAMETERS = [
    OpenApiParameter("with", OpenApiTypes.UUID, required=True, description="The id of the new batch."),
    number_parameter("after", "Only changes of documents behind this position of the old batch.", **AFTER),
    number_parameter("limit", "How many documents with changes at most.", **LIMIT),
]


class FieldCountsOut(serializers.Serializer[Any]):
    """Of how many documents a field is the same in both batches, and so on."""

    field = serializers.CharField()
    same = serializers.IntegerField()
    changed = serializers.IntegerField()
    gained = serializers.IntegerField(help_text="Only the new batch has it.")
    lost = serializers.IntegerField(help_text="Only the old batch has it.")
    missing = serializers.IntegerField(help_text="Neither has it.")


class FieldChangeOut(serializers.Serializer[Any]):
    """The two values of a field; null for a missing one."""

    field = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class DocumentChangeOut(serializers.Serializer[Any]):
    """A document of which the batches say different things."""

    document = serializers.CharField(source="old.name", help_text="Its name.")
    documentId = serializers.UUIDField(source="old.document_id")
    oldPosition = serializers.IntegerField(source="old.position")
    newPosition = serializers.IntegerField(source="new.position")
    oldRequestId = serializers.UUIDField(source="old.request_id", allow_null=True)
    newRequestId = serializers.UUIDField(source="new.request_id", allow_null=True)
    changes = FieldChangeOut(many=True)


class ComparisonOut(serializers.Serializer[Any]):
    """What differs between an old and a new batch, over the files that are in both."""

    documents = serializers.IntegerField(help_text="That were compared.")
    unfinished = serializers.IntegerField(help_text="Of which a batch has no end yet.")
    onlyOld = serializers.IntegerField(source="only_old")
    onlyNew = serializers.IntegerField(source="only_new")
    changed = serializers.IntegerField(help_text="How many documents have changes in all.")
    fields = FieldCountsOut(many=True)  # type: ignore[assignment]
    changes = DocumentChangeOut(many=True)


class ComparisonAnswer(serializers.Serializer[Any]):
    """The comparison."""

    data = ComparisonOut()  # type: ignore[assignment]


@extend_schema(tags=["Batches"])
class CompareView(APIView):
    """What two batches differ in."""

    @extend_schema(
        operation_id="compare_batches", parameters=PARAMETERS, responses=answers(200, ComparisonAnswer, 400, 401, 404)
    )
    def get(self, request: Request, id: UUID) -> Response:
        """How the batch in `with`, the new one, differs from this one: counts by field, and what changed where.

        Files are recognised by their content, whatever they are called.
        """
        refuse_unknown(request, {"with", "after", "limit"})
        other = identifier(request, "with")
        after, limit = whole_number(request, "after", **AFTER), whole_number(request, "limit", **LIMIT)
        old, new = (reading.find_batch(batch_id, reader=request.user) for batch_id in (id, other))
        return Response({"data": ComparisonOut(compare(old, new, after=after, limit=limit)).data})
