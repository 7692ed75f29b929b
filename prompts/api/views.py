"""The requests: one service call an action."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from prompts import receipts
from prompts.api import reading
from prompts.api.accepting import raise_failure
from prompts.api.creating import created
from prompts.api.filters import PromptFilter
from prompts.api.idempotency import once
from prompts.api.pagination import NewestFirst
from prompts.api.receipt_shapes import ReceiptOut
from prompts.api.schema import CREATE_EXAMPLE, CREATION_HEADERS, answers
from prompts.api.serializers import (
    Nothing,
    PromptCreate,
    PromptDetail,
    PromptOut,
    PromptReplay,
    PromptShort,
)
from prompts.api.showing import short_row, shown, shown_in_detail
from prompts.api.viewsets import ActionViewSet
from prompts.models import PromptRequest
from prompts.services import submission


@extend_schema(tags=["Prompts"])
class PromptViewSet(ActionViewSet[PromptRequest]):
    """Requests to language models, each user's own."""

    queryset = reading.requests()
    serializer_class = PromptOut
    filterset_class = PromptFilter
    pagination_class = NewestFirst
    bodies = {
        "create": PromptCreate,
        "retrieve": PromptDetail,
        "receipt": ReceiptOut,
        "cancel": Nothing,
        "replay": PromptReplay,
    }

    @extend_schema(operation_id="list_prompts", responses=answers(200, PromptShort(many=True), 400, 401, 403))
    def list(self, request: Request) -> Response:
        """Your requests, newest first, without their answers and with the beginning of their texts."""
        page = self.paginate_queryset(reading.short_rows(self.filter_queryset(self.get_queryset())))
        return self.get_paginated_response([short_row(row, row.user__username) for row in page or ()])

    @extend_schema(
        operation_id="create_prompt",
        request=PromptCreate,
        parameters=CREATION_HEADERS,
        examples=[CREATE_EXAMPLE],
        responses=answers(201, PromptOut, 400, 401, 409, 413, 415, 422, 429),
    )
    def create(self, request: Request) -> Response:
        """Send a prompt. It is stored and run in the background; follow `Location` for the answer."""
        raise_failure(request._request)
        values = self.validated(request)
        return once(request, lambda key: created(request.user, submission.submit, idempotency_key=key, **values))

    @extend_schema(operation_id="get_prompt", responses=answers(200, PromptDetail, 401, 404))
    def retrieve(self, request: Request, id: UUID) -> Response:
        """One request with its answer and every attempt to get it."""
        found = reading.find(id, reading.with_response_and_attempts(), reader=request.user)
        return Response(shown_in_detail(found))

    @extend_schema(operation_id="get_prompt_receipt", responses=answers(200, ReceiptOut, 401, 404))
    def receipt(self, request: Request, id: UUID) -> Response:
        """What was asked and answered, as hashes, and where that is sealed."""
        found = reading.find(id, self.get_queryset().defer("prompt_text", "variables"), reader=request.user)
        return Response(ReceiptOut(receipts.receipt_of(found.pk)).data)

    @extend_schema(operation_id="cancel_prompt", request=Nothing, responses=answers(200, PromptOut, 400, 401, 404, 409))
    def cancel(self, request: Request, id: UUID) -> Response:
        """End an unfinished request without an answer."""
        self.validated(request)
        found = reading.find(id, self.get_queryset(), reader=request.user)
        cancelled = submission.cancel(found.pk)
        cancelled.user, cancelled.version = found.user, found.version
        return Response(shown(cancelled))

    @extend_schema(
        operation_id="replay_prompt",
        request=PromptReplay,
        parameters=CREATION_HEADERS,
        responses=answers(201, PromptOut, 400, 401, 404, 409, 422, 429),
    )
    def replay(self, request: Request, id: UUID) -> Response:
        """Send the same input again as a new request of yours, linked by `replay_of`."""
        values = self.validated(request)
        original = reading.find(id, self.get_queryset(), reader=request.user)
        return once(
            request,
            lambda key: created(request.user, submission.replay, original=original, idempotency_key=key, **values),
        )
