"""What came of a batch, as a list and document by document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from documents.api import reading
from documents.api.document_shapes import DocumentDetail
from documents.api.queries import number_parameter, whole_number
from documents.api.result_shapes import ItemAnswer, ResultsAnswer
from documents.services import results
from documents.services.outcomes import ItemOutcome
from documents.services.results import ItemResult, as_dict
from prompts.api.filters import refuse_unknown
from prompts.api.schema import answers

AFTER: dict[str, Any] = {"default": 0, "least": 0, "most": 999_999_999}
LIMIT: dict[str, Any] = {"default": 100, "least": 1, "most": 200}
PARAMETERS = [
    number_parameter("after", "Only documents behind this position.", **AFTER),
    number_parameter("limit", "How many at most.", **LIMIT),
    OpenApiParameter("outcome", enum=ItemOutcome.values, description="Only documents that are there."),
]


@extend_schema(tags=["Batches"])
class ResultsView(APIView):
    """The results of a batch, also while it runs."""

    @extend_schema(
        operation_id="list_batch_results", parameters=PARAMETERS, responses=answers(200, ResultsAnswer, 400, 401, 404)
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Each document with the fields of its answer. Missing fields are named, what came is kept as it came."""
        refuse_unknown(request, {"after", "limit", "outcome"})
        after, limit = whole_number(request, "after", **AFTER), whole_number(request, "limit", **LIMIT)
        batch = reading.find_batch(id, reader=request.user)
        found = results.results(batch, after=after, limit=limit + 1, outcome=_outcome(request))
        rows = [as_dict(batch, result) for result in found[:limit]]
        return Response({"data": rows, "next": _next(request, found, limit)})


@extend_schema(tags=["Batches"])
class ItemView(APIView):
    """One document of a batch."""

    @extend_schema(operation_id="get_batch_document", responses=answers(200, ItemAnswer, 401, 404))
    def get(self, request: Request, id: UUID, position: int) -> Response:
        """The text of the document's pages beside the fields that were found in it."""
        batch = reading.find_batch(id, reader=request.user)
        item = reading.find_item(batch, position)
        (result,) = results.results(batch, after=position - 1, limit=1)
        return Response({"data": {"document": DocumentDetail(item.document).data, "result": as_dict(batch, result)}})


def _outcome(request: Request) -> str | None:
    """The outcome asked for. Raises ValidationError."""
    text = request.query_params.get("outcome") or None
    if text is not None and text not in ItemOutcome.values:
        problem = _("There is no such outcome. There are: %(known)s.") % {"known": ", ".join(ItemOutcome.values)}
        raise ValidationError({"outcome": [problem]})
    return text


def _next(request: Request, found: list[ItemResult], limit: int) -> str | None:
    """Where the next ones are, when one more than was asked for is there."""
    if len(found) <= limit:
        return None
    return str(replace_query_param(request.build_absolute_uri(), "after", found[limit - 1].position))
