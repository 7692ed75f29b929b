"""The results of a batch as files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from documents.api import reading
from documents.services import results
from prompts.api.schema import answers
from prompts.downloads import as_file


class FirstRenderer(BaseContentNegotiation):
    """For views whose answers are files of one kind: whatever is accepted, errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first; there are no bodies."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first and its media type."""
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


@extend_schema(tags=["Batches"])
class CsvView(APIView):
    """The results of a batch for spreadsheets."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="download_batch_csv",
        responses=answers((200, "text/csv"), OpenApiTypes.STR, 401, 404),
    )
    def get(self, request: Request, id: UUID) -> StreamingHttpResponse:
        """A row a document and a column a field, for spreadsheets: nothing in it is taken for a formula."""
        batch = reading.find_batch(id, reader=request.user)
        return as_file(f"{batch.pk}.csv", "text/csv", results.csv_lines(batch))


@extend_schema(tags=["Batches"])
class JsonLinesView(APIView):
    """The results of a batch for programs."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="download_batch_jsonl",
        responses=answers((200, "application/jsonl"), OpenApiTypes.STR, 401, 404),
    )
    def get(self, request: Request, id: UUID) -> StreamingHttpResponse:
        """A JSON object a line and document."""
        batch = reading.find_batch(id, reader=request.user)
        return as_file(f"{batch.pk}.jsonl", "application/jsonl", results.json_lines(batch))
