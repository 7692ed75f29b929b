"""What a document holds: pictures of its pages, and the file as it came."""

from __future__ import annotations

from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from documents.api import reading
from documents.api.downloads import FirstRenderer
from documents.originals import as_original
from documents.pictures import SIZES, as_image
from prompts.api.schema import answers

#: What a document may be.
KINDS = ("application/pdf", "image/png", "image/jpeg", "image/tiff", "text/plain")
SIZE = OpenApiParameter("size", enum=list(SIZES), default="small", description="900 pixels wide, or 1800.")


@extend_schema(tags=["Documents"])
class PageImageView(APIView):
    """How a page looks."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="get_page_image",
        parameters=[SIZE],
        responses=answers((200, "image/webp"), OpenApiTypes.BINARY, 401, 404),
    )
    def get(self, request: Request, id: UUID, page: int) -> HttpResponseBase:
        """The picture of one page of a PDF or a scan, from 1. A text has none.

        It never changes: keep it by its `ETag`. While too many are being drawn, 503 says when to come again.
        """
        document = reading.find_document(id, reader=request.user)
        return as_image(request._request, document.file, page)


@extend_schema(tags=["Documents"])
class OriginalView(APIView):
    """The file itself."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="download_document",
        responses={(200, kind): OpenApiTypes.BINARY for kind in KINDS}
        | answers((200, KINDS[0]), OpenApiTypes.BINARY, 401, 404),
    )
    def get(self, request: Request, id: UUID) -> StreamingHttpResponse:
        """The file as it came, under its owner's name for it, in the media type that its content has."""
        return as_original(reading.find_document(id, reader=request.user))
