"""How well versions did on a labelled set. All of this needs `system.manage_all`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.api.accuracy_shapes import AccuraciesAnswer, AccuracyAnswer, AccuracyOut, JudgedOut
from documents.api.labelled_sets import REVISION_PARAMETER, revision_of
from documents.api.queries import number_parameter, whole_number
from documents.models import AccuracyRun
from documents.services import labelling, measuring
from prompts.api.filters import refuse_unknown
from prompts.api.permissions import ManageAll
from prompts.api.schema import answers
from prompts.exceptions import NotFound
from prompts.services.inputs import is_storable

LIMIT = {"default": 20, "least": 1, "most": 100}
VERSION = {"default": 0, "least": 1, "most": 999_999_999}


@extend_schema(tags=["Accuracy"])
class AccuraciesView(APIView):
    """The measurements on a labelled set."""

    permission_classes = [ManageAll]

    @extend_schema(
        operation_id="list_accuracies",
        parameters=[
            REVISION_PARAMETER,
            OpenApiParameter("promptType", description="Only versions of this type."),
            OpenApiParameter(
                "versionNumber", {"type": "integer", "minimum": 1, "maximum": 999_999_999}, description="Only these."
            ),
            number_parameter("limit", "How many at most.", **LIMIT),
        ],
        responses=answers(200, AccuraciesAnswer, 400, 401, 403, 404),
    )
    def get(self, request: Request, name: str) -> Response:
        """The last measurements on the newest revision of a set, or the one that is named; newest first."""
        refuse_unknown(request, {"revision", "promptType", "versionNumber", "limit"})
        runs = _runs().filter(labelled_set=labelling.find_set(name, revision_of(request)))
        if "promptType" in request.query_params:
            slug = request.query_params["promptType"]
            runs = runs.filter(version__prompt_type__slug=slug) if is_storable(slug) else runs.none()
        if number := whole_number(request, "versionNumber", **VERSION):
            runs = runs.filter(version__version_number=number)
        shown = runs.order_by("-created_at", "-batch")[: whole_number(request, "limit", **LIMIT)]
        return Response({"data": AccuracyOut(shown, many=True).data})


@extend_schema(tags=["Accuracy"])
class AccuracyView(APIView):
    """One measurement."""

    permission_classes = [ManageAll]

    @extend_schema(
        operation_id="get_accuracy",
        parameters=[number_parameter("limit", "How many documents at most.", **LIMIT)],
        responses=answers(200, AccuracyAnswer, 400, 401, 403, 404),
    )
    def get(self, request: Request, name: str, id: UUID) -> Response:
        """What the batch of that id came to on the set, and its worst documents."""
        refuse_unknown(request, {"limit"})
        limit = whole_number(request, "limit", **LIMIT)
        run = _runs().filter(batch=id, labelled_set__name=name).first() if is_storable(name) else None
        if run is None:
            raise NotFound(_("The batch %(id)s was not measured on this set.") % {"id": id})
        worst = measuring.worst_documents(run, limit)
        return Response({"data": AccuracyOut(run).data, "worst": JudgedOut(worst, many=True).data})


def _runs() -> QuerySet[AccuracyRun]:
    return AccuracyRun.objects.select_related("version", "labelled_set", "batch__version")
