"""Labelled sets: bring them in, look at them, run versions over them. All of this needs `system.manage_all`."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from documents.api import reading
from documents.api.batch_shapes import BatchAnswer, present
from documents.api.naming import as_sent
from documents.api.pagination import DataPages
from documents.api.queries import number_parameter, whole_number
from documents.api.set_shapes import (
    LabelledDocumentOut,
    LabelledSetAnswer,
    LabelledSetCreate,
    LabelledSetCreatedAnswer,
    LabelledSetForm,
    LabelledSetOut,
    LabelledSetRun,
)
from documents.api.uploads import FORM, JSON, stream_of
from documents.api.viewsets import UploadViewSet
from documents.models import LabelledSet
from documents.services import labelling
from documents.services.intake import Upload
from documents.services.label_files import MAX_BYTES
from prompts.api.filters import refuse_unknown
from prompts.api.idempotency import once
from prompts.api.permissions import ManageAll
from prompts.api.schema import CREATION_HEADERS, answers
from prompts.services.idempotency import Answer

AFTER: dict[str, Any] = {"default": 0, "least": 0, "most": 999_999_999}
LIMIT: dict[str, Any] = {"default": 100, "least": 1, "most": 200}
REVISION: dict[str, Any] = {"least": 1, "most": 999_999_999}
REVISION_PARAMETER = OpenApiParameter(
    "revision", {"type": "integer", "minimum": 1, "maximum": 999_999_999}, description="Instead of the newest."
)


def labelled_sets() -> QuerySet[LabelledSet]:
    """Sets with how many documents they have, and who brought them in."""
    return LabelledSet.objects.select_related("created_by").annotate(document_count=Count("documents"))


def revision_of(request: Request) -> int | None:
    """The revision in the query; None where there is none. Raises ValidationError."""
    return whole_number(request, "revision", default=0, **REVISION) or None


@extend_schema(tags=["Accuracy"])
class LabelledSetViewSet(UploadViewSet[LabelledSet]):
    """Documents whose fields are known."""

    queryset = labelled_sets()
    permission_classes = [ManageAll]
    serializer_class = LabelledSetOut
    pagination_class = DataPages
    bodies = {"create": LabelledSetCreate, "run": LabelledSetRun}
    forms = {"create": LabelledSetForm}

    @extend_schema(operation_id="list_labelled_sets", responses=answers(200, LabelledSetOut(many=True), 400, 401, 403))
    def list(self, request: Request) -> Response:
        """All revisions of all sets, newest first."""
        refuse_unknown(request, {"cursor", "page_size"})
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(LabelledSetOut(page, many=True).data)

    @extend_schema(
        operation_id="import_labelled_set",
        request={JSON: LabelledSetCreate, FORM: LabelledSetForm},
        parameters=CREATION_HEADERS,
        responses=answers(201, LabelledSetCreatedAnswer, 400, 401, 403, 409, 413, 415, 422),
    )
    def create(self, request: Request) -> Response:
        """Store documents with their expected fields, as the next revision of the set of that name.

        They are here already, or come as a form (multipart/form-data). Contents that a revision has already make none:
        the answer is that one.
        """
        values = self.validated(request)
        store = _of_documents if "documents" in values else _of_files
        return once(request, lambda _key: store(request.user, values))

    @extend_schema(
        operation_id="get_labelled_set",
        parameters=[
            REVISION_PARAMETER,
            number_parameter("after", "Only documents behind this position.", **AFTER),
            number_parameter("limit", "How many at most.", **LIMIT),
        ],
        responses=answers(200, LabelledSetAnswer, 400, 401, 403, 404),
    )
    def retrieve(self, request: Request, name: str) -> Response:
        """The newest revision of a set, or the one that is named, with a part of its documents."""
        refuse_unknown(request, {"revision", "after", "limit"})
        after, limit = whole_number(request, "after", **AFTER), whole_number(request, "limit", **LIMIT)
        found = labelling.find_set(name, revision_of(request))
        rows = found.documents.filter(position__gt=after).select_related("document").order_by("position")
        shown = list(rows[: limit + 1])
        return Response(
            _shown(found)
            | {"documents": LabelledDocumentOut(shown[:limit], many=True).data, "next": _next(request, shown, limit)}
        )

    @extend_schema(
        operation_id="run_labelled_set",
        request=LabelledSetRun,
        parameters=CREATION_HEADERS,
        responses=answers(201, BatchAnswer, 400, 401, 403, 404, 409, 413, 415, 422),
    )
    def run(self, request: Request, name: str) -> Response:
        """Ask a version about each document of a set, as a batch. When it is finished, its accuracy is measured."""
        values = self.validated(request)
        found = labelling.find_set(name, values.pop("revision", None))
        return once(request, lambda _key: _started(found, request.user, values))


def _of_documents(user: Any, values: dict[str, Any]) -> Answer:
    labels = values["documents"]
    documents = reading.find_documents([label["document"] for label in labels], reader=user)
    pairs = [(document, label["fields"]) for document, label in zip(documents, labels, strict=True)]
    return _created(labelling.import_set(actor=user, name=values["name"], labelled=pairs), [])


def _of_files(user: Any, values: dict[str, Any]) -> Answer:
    archive = values.get("archive")
    imported = labelling.import_files(
        actor=user,
        name=values["name"],
        # One byte more than is accepted, at most: that shows that it is too many.
        labels=stream_of(values["labels"]).read(MAX_BYTES + 1),
        files=[Upload(file.name, stream_of(file)) for file in values.get("files", ())],
        archive=archive and stream_of(archive),
    )
    return _created(imported.labelled_set, [{"name": one.name, "message": one.message} for one in imported.refused])


def _created(made: LabelledSet, refused: list[dict[str, str]]) -> Answer:
    """201 with the set and its place."""
    place = reverse("labelled-set", kwargs={"name": made.name})
    return Answer(201, _shown(made) | {"refused": refused}, {"Location": f"{place}?revision={made.revision}"})


def _shown(found: LabelledSet) -> dict[str, Any]:
    return {"data": dict(LabelledSetOut(labelled_sets().get(pk=found.pk)).data)}


def _started(found: LabelledSet, user: Any, values: dict[str, Any]) -> Answer:
    """201 with the batch and its place."""
    with as_sent():
        batch = labelling.run_set(found, actor=user, **values)
    place = reverse("batch", kwargs={"id": batch.pk})
    return Answer(201, {"data": present(reading.batches().get(pk=batch.pk))}, {"Location": place})


def _next(request: Request, shown: list[Any], limit: int) -> str | None:
    if len(shown) <= limit:
        return None
    return replace_query_param(request.build_absolute_uri(), "after", shown[limit - 1].position)
