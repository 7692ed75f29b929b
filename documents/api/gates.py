"""The gate of a prompt type: the accuracy that its versions must reach. All of this needs `system.manage_all`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.api.accuracy_shapes import GateAnswer, GateIn, GateOut
from documents.api.queries import whole_number
from documents.models import AccuracyGate
from documents.services import gate as gates
from documents.services import labelling
from prompts.api.filters import refuse_unknown
from prompts.api.permissions import ManageAll
from prompts.api.reading import find_version, versions_of
from prompts.api.schema import answers
from prompts.models import PromptVersion

VERSION = {"default": 0, "least": 1, "most": 999_999_999}


@extend_schema(tags=["Accuracy"])
class GateView(APIView):
    """What a version has to reach before it may be activated."""

    permission_classes = [ManageAll]

    @extend_schema(
        operation_id="get_gate",
        parameters=[
            OpenApiParameter(
                "versionNumber",
                {"type": "integer", "minimum": 1, "maximum": 999_999_999},
                description="Whose standing is shown, instead of the active version's.",
            )
        ],
        responses=answers(200, GateAnswer, 400, 401, 403, 404),
    )
    def get(self, request: Request, promptType: str) -> Response:
        """The gate, and how the active version stands before it, or the one that is named."""
        refuse_unknown(request, {"versionNumber"})
        found, number = gates.get_gate(promptType), whole_number(request, "versionNumber", **VERSION)
        active = versions_of(promptType).filter(is_active=True)
        return Response(_shown(found, find_version(promptType, number) if number else active.first()))

    @extend_schema(
        operation_id="set_gate", request=GateIn, responses=answers(200, GateAnswer, 400, 401, 403, 404, 413, 415)
    )
    def put(self, request: Request, promptType: str) -> Response:
        """Demand this of each version that is activated from now on. The active version stays.

        What counts is the last run of the version, with the model that it asks by itself, on exactly this revision of
        the set; its share of right values must reach the threshold. Whoever activates a version that has not reached it
        gives a reason, which is audited.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        labelled_set = labelling.find_set(values["name"], values.get("revision"))
        found = gates.set_gate(promptType, labelled_set=labelled_set, threshold=values["threshold"], actor=request.user)
        return Response(_shown(found, versions_of(promptType).filter(is_active=True).first()))

    @extend_schema(
        operation_id="clear_gate",
        responses=answers(204, OpenApiResponse(description="It is taken away."), 401, 403, 404),
    )
    def delete(self, request: Request, promptType: str) -> Response:
        """Demand nothing any more."""
        gates.clear_gate(promptType, actor=request.user)
        return Response(status=204)

    def get_serializer(self, *args: Any, **kwargs: Any) -> GateIn:
        """What the page for people shows as a form."""
        return GateIn(*args, **kwargs)


def _shown(gate: AccuracyGate, version: PromptVersion | None) -> dict[str, Any]:
    """The body with the gate and a version's standing."""
    state = gates.state_of(version) if version else None
    standing = {"version": version, "state": state} if state else None
    return {"data": GateOut({"gate": gate, "standing": standing}).data}
