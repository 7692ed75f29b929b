"""The versions of a prompt type, as the published contract has them (docs/contract/prompt-versions.openapi.yaml)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from prompts.api import reading
from prompts.api.filters import refuse_unknown
from prompts.api.idempotency import once
from prompts.api.permissions import ManageAll, ReadVersions, WriteVersions
from prompts.api.schema import CREATION_HEADERS, answers
from prompts.api.version_shapes import (
    ActivationAnswer,
    VersionActivate,
    VersionAnswer,
    VersionCreate,
    VersionDetail,
    VersionNote,
    VersionOut,
    VersionsAnswer,
)
from prompts.api.viewsets import ActionViewSet
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.services.idempotency import Answer

GONE = OpenApiResponse(description="It is deleted.")


@extend_schema(tags=["Versions"])
class PromptVersionViewSet(ActionViewSet[PromptVersion]):
    """The versions of a prompt type.

    Who may look at versions reads them, who may write them creates, tries out and annotates them; activating and
    deleting need `system.manage_all`.
    """

    # Arguments of the actions have the contract's names, which are those of the paths.
    queryset = PromptVersion.objects.none()
    serializer_class = VersionOut
    powers: ClassVar[dict[str, type[BasePermission]]] = {
        "list": ReadVersions,
        "retrieve": ReadVersions,
        "create": WriteVersions,
        "note": WriteVersions,
    }
    bodies = {"create": VersionCreate, "activate": VersionActivate, "note": VersionNote}

    def get_permissions(self) -> list[Any]:
        """What is not named in `powers` is for those who manage everything."""
        return [self.powers.get(self.action, ManageAll)()]

    @extend_schema(operation_id="list_prompt_versions", responses=answers(200, VersionsAnswer, 400, 401, 403))
    def list(self, request: Request, promptType: str) -> Response:
        """All versions of a type, newest number first. Empty where there is no such type.

        Needs `prompts.view_promptversion`, `prompts.write_promptversion` or `system.manage_all`.
        """
        refuse_unknown(request, frozenset())
        return Response({"data": VersionOut(reading.versions_of(promptType), many=True).data})

    @extend_schema(
        operation_id="create_prompt_version",
        request=VersionCreate,
        parameters=CREATION_HEADERS,
        responses=answers(201, VersionAnswer, 400, 401, 403, 409, 413, 415, 422),
    )
    def create(self, request: Request, promptType: str) -> Response:
        """Store a new version under the type's next number. It is not active yet.

        Needs `prompts.write_promptversion` or `system.manage_all`.
        """
        values = self.validated(request)
        return once(request, lambda _key: _created(promptType, actor=request.user, **values))

    @extend_schema(operation_id="get_prompt_version", responses=answers(200, VersionAnswer, 401, 403, 404))
    def retrieve(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """One version.

        Needs `prompts.view_promptversion`, `prompts.write_promptversion` or `system.manage_all`.
        """
        return Response(shown(reading.find_version(promptType, versionNumber)))

    @extend_schema(operation_id="delete_prompt_version", responses=answers(204, GONE, 400, 401, 403, 404))
    def destroy(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """Take a version out of use for good, unless it is the active one. Its requests keep showing it.

        Needs `system.manage_all`.
        """
        lifecycle.delete_version(promptType, versionNumber, actor=request.user)
        return Response(status=204)

    @extend_schema(
        operation_id="activate_prompt_version",
        request=VersionActivate,
        responses=answers(200, ActivationAnswer, 400, 401, 403, 404, 413, 415),
    )
    def activate(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """Use this version from now on, in place of the one before. No body is needed. Needs `system.manage_all`."""
        values = self.validated(request)
        activation = lifecycle.activate_version(promptType, versionNumber, actor=request.user, **values)
        said = {} if activation.changed else {"message": _("This version was active already; nothing was changed.")}
        return Response(shown(activation.version) | said)

    @extend_schema(
        operation_id="annotate_prompt_version",
        request=VersionNote,
        responses=answers(200, VersionAnswer, 400, 401, 403, 404, 413, 415),
    )
    def note(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """Replace the note on a version. Needs `prompts.write_promptversion` or `system.manage_all`."""
        values = self.validated(request)
        return Response(shown(lifecycle.annotate_version(promptType, versionNumber, **values)))


def shown(version: PromptVersion) -> dict[str, Any]:
    """The body with one version."""
    return {"data": VersionDetail(version).data}


def _created(prompt_type: str, **values: Any) -> Answer:
    """201 with the new version and its place."""
    version = lifecycle.create_version(prompt_type=prompt_type, **values)
    place = {"promptType": prompt_type, "versionNumber": version.version_number}
    return Answer(201, shown(version), {"Location": reverse("prompt-version", kwargs=place)})
