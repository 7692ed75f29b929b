"""Documents: bring them in, and see what was read in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api import reading
from documents.api.document_shapes import (
    DocumentAnswer,
    DocumentDetail,
    DocumentDetailAnswer,
    DocumentOut,
    DocumentUpload,
)
from documents.api.filters import DocumentFilter
from documents.api.pagination import DataPages
from documents.api.uploads import FORM, stream_of
from documents.api.viewsets import UploadViewSet
from documents.models import Document
from documents.services.storing import add_document
from prompts.api.idempotency import once
from prompts.api.schema import CREATION_HEADERS, answers
from prompts.services.idempotency import Answer


@extend_schema(tags=["Documents"])
class DocumentViewSet(UploadViewSet[Document]):
    """Files with text to be asked about, each user's own."""

    queryset = reading.documents()
    serializer_class = DocumentOut
    filterset_class = DocumentFilter
    pagination_class = DataPages
    bodies = {"create": DocumentUpload}
    forms = {"create": DocumentUpload}

    @extend_schema(operation_id="list_documents", responses=answers(200, DocumentOut(many=True), 400, 401, 403))
    def list(self, request: Request) -> Response:
        """Your documents, newest first, without their texts."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DocumentOut(page, many=True).data)

    @extend_schema(
        operation_id="upload_document",
        request={FORM: DocumentUpload},
        parameters=CREATION_HEADERS,
        responses=answers(201, DocumentAnswer, 400, 401, 409, 413, 415, 422),
    )
    def create(self, request: Request) -> Response:
        """Bring a file in, as `file` of a form (multipart/form-data).

        It is read in the background; follow `Location` for its text. A content that was read before is not read
        again, whoever brought it.
        """
        values = self.validated(request)
        return once(request, lambda _key: _stored(values["file"], user=request.user))

    @extend_schema(operation_id="get_document", responses=answers(200, DocumentDetailAnswer, 401, 404))
    def retrieve(self, request: Request, id: UUID) -> Response:
        """One document with the text of its pages, where each comes from and how sure its recognition is.

        A file that can't be read says why in `reason` and `message`.
        """
        return Response({"data": DocumentDetail(reading.find_document(id, reader=request.user)).data})


def _stored(upload: Any, *, user: Any) -> Answer:
    """201 with the new document and its place."""
    document = add_document(user=user, name=upload.name, content=stream_of(upload))
    place = reverse("document", kwargs={"id": document.pk})
    return Answer(201, {"data": dict(DocumentOut(document).data)}, {"Location": place})
