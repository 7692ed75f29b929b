"""Batches: start them, steer them, see how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api import reading
from documents.api.batch_shapes import (
    BatchAnswer,
    BatchCreate,
    BatchCreatedAnswer,
    BatchForm,
    BatchOut,
    BatchRerun,
    BatchRerunForm,
    RetriedAnswer,
    present,
    present_many,
)
from documents.api.filters import BatchFilter
from documents.api.naming import as_sent
from documents.api.pagination import DataPages
from documents.api.uploads import FORM, JSON, stream_of
from documents.api.viewsets import UploadViewSet
from documents.models import Batch
from documents.services import batches, intake
from documents.services.intake import Upload
from prompts.api.idempotency import once
from prompts.api.schema import CREATION_HEADERS, answers
from prompts.api.serializers import Nothing
from prompts.services.idempotency import Answer

STEERED: dict[str, Any] = {
    "request": {JSON: Nothing},
    "responses": answers(200, BatchAnswer, 400, 401, 404, 409, 413, 415),
}


@extend_schema(tags=["Batches"])
class BatchViewSet(UploadViewSet[Batch]):
    """Many documents through one version, each user's own."""

    queryset = reading.batches()
    serializer_class = BatchOut
    filterset_class = BatchFilter
    pagination_class = DataPages
    bodies = {
        "create": BatchCreate,
        "pause": Nothing,
        "resume": Nothing,
        "cancel": Nothing,
        "retry": Nothing,
        "rerun": BatchRerun,
    }
    forms = {"create": BatchForm, "rerun": BatchRerunForm}

    @extend_schema(operation_id="list_batches", responses=answers(200, BatchOut(many=True), 400, 401, 403))
    def list(self, request: Request) -> Response:
        """Your batches, newest first, with their progress."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(present_many(list(page)))

    @extend_schema(
        operation_id="create_batch",
        request={JSON: BatchCreate, FORM: BatchForm},
        parameters=CREATION_HEADERS,
        responses=answers(201, BatchCreatedAnswer, 400, 401, 409, 413, 415, 422),
    )
    def create(self, request: Request) -> Response:
        """Start a batch over documents that are here already, or over files that come as a form (multipart/form-data).

        Version and model are fixed now: whatever is activated later changes nothing. Each document is asked about by
        one request. A file that can't be taken stands in `refused` and does not stop the others; where none is left,
        and where there is no active version, nothing starts.
        """
        values = self.validated(request)
        start = _over_documents if "documents" in values else _over_files
        if "Idempotency-Key" in request.headers:
            # What answers a key is one transaction; it must keep nobody waiting who brings the same files.
            intake.keep(**_uploads(values))
        return once(request, lambda _key: start(request.user, values))

    @extend_schema(operation_id="get_batch", responses=answers(200, BatchAnswer, 401, 404))
    def retrieve(self, request: Request, id: UUID) -> Response:
        """One batch: where its documents are, what the answers cost, how long the rest may take."""
        return Response({"data": present(reading.find_batch(id, reader=request.user))})

    @extend_schema(operation_id="pause_batch", **STEERED)
    def pause(self, request: Request, id: UUID) -> Response:
        """Send nothing more for now; what was sent goes on."""
        return self._steered(request, id, batches.pause)

    @extend_schema(operation_id="resume_batch", **STEERED)
    def resume(self, request: Request, id: UUID) -> Response:
        """Go on after a pause. Failures so far no longer count as failures in a row."""
        return self._steered(request, id, batches.resume)

    @extend_schema(operation_id="cancel_batch", **STEERED)
    def cancel(self, request: Request, id: UUID) -> Response:
        """End a batch and its unfinished requests for good; the answers that came stay."""
        return self._steered(request, id, batches.cancel)

    @extend_schema(
        operation_id="retry_batch",
        request={JSON: Nothing},
        responses=answers(200, RetriedAnswer, 400, 401, 404, 409, 413, 415),
    )
    def retry(self, request: Request, id: UUID) -> Response:
        """Ask once more about each document that failed; a finished batch goes on for them."""
        self.validated(request)
        found = reading.find_batch(id, reader=request.user)
        retried = batches.retry_failed(found.pk, actor=request.user)
        return Response(_shown(request, found) | {"retried": retried})

    @extend_schema(
        operation_id="rerun_batch",
        request={JSON: BatchRerun, FORM: BatchRerunForm},
        parameters=CREATION_HEADERS,
        responses=answers(201, BatchAnswer, 400, 401, 404, 409, 413, 415, 422),
    )
    def rerun(self, request: Request, id: UUID) -> Response:
        """Start another batch over the same documents, with the version that is active now or another one.

        It is linked by `rerunOf`; `compare` shows field by field what differs.
        """
        values = self.validated(request)
        found = reading.find_batch(id, reader=request.user)
        return once(request, lambda _key: _rerun(request, found, values))

    def _steered(self, request: Request, batch_id: UUID, step: Callable[..., Batch]) -> Response:
        """200 with the batch after the step."""
        self.validated(request)
        found = reading.find_batch(batch_id, reader=request.user)
        step(found.pk, actor=request.user)
        return Response(_shown(request, found))


def _shown(request: Request, batch: Batch) -> dict[str, Any]:
    """The body with a batch as it is now."""
    return {"data": present(reading.find_batch(batch.pk, reader=request.user))}


def _over_documents(user: Any, values: dict[str, Any]) -> Answer:
    documents = reading.find_documents(values.pop("documents"), reader=user)
    with as_sent():
        batch = batches.create_batch(user=user, documents=documents, **values)
    return _created(batch, {"refused": []})


def _over_files(user: Any, values: dict[str, Any]) -> Answer:
    given = {name: value for name, value in values.items() if name not in ("files", "archive")}
    with as_sent():
        started = intake.start_batch(user=user, **_uploads(values), **given)
    refused = [{"name": one.name, "message": str(one.message)} for one in started.refused]
    return _created(started.batch, {"refused": refused})


def _uploads(values: dict[str, Any]) -> dict[str, Any]:
    """The files that came, each to be read from its start."""
    archive = values.get("archive")
    files = [Upload(file.name, stream_of(file)) for file in values.get("files", ())]
    return {"files": files, "archive": stream_of(archive) if archive else None}


def _rerun(request: Request, before: Batch, values: dict[str, Any]) -> Answer:
    with as_sent():
        return _created(batches.rerun(before.pk, actor=request.user, **values), {})


def _created(batch: Batch, beside: dict[str, Any]) -> Answer:
    """201 with the new batch and its place."""
    place = reverse("batch", kwargs={"id": batch.pk})
    fresh = reading.batches().get(pk=batch.pk)
    return Answer(201, {"data": present(fresh), **beside}, {"Location": place})
