"""What can be named in a request: models and prompt types."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prompts.api.catalogue_shapes import ModelList, PromptTypeChange, PromptTypeCreate, PromptTypeOut
from prompts.api.filters import PromptTypeFilter
from prompts.api.idempotency import once
from prompts.api.pagination import BySlug
from prompts.api.permissions import ReadOrManageAll
from prompts.api.schema import CREATION_HEADERS, answers
from prompts.api.viewsets import ActionViewSet
from prompts.exceptions import NotFound
from prompts.models import PromptType
from prompts.models.prompt_request import SIMULATOR_PREFIX
from prompts.services import types
from prompts.services.idempotency import Answer
from providers import registry
from providers.exceptions import UnknownModel


@extend_schema(tags=["Models and types"])
class ModelView(APIView):
    """The models that this installation can use."""

    @extend_schema(operation_id="list_models", responses=answers(200, ModelList, 401))
    def get(self, request: Request) -> Response:
        """Every usable model by its full name, the simulator last."""
        default = _default_model()
        return Response({"results": [_present(model, default) for model in registry.available_models()]})


def _default_model() -> str:
    """The model of requests that name none; empty when each has to name one."""
    try:
        return registry.default_model()
    except UnknownModel:
        return ""


def _present(model: registry.ModelInfo, default: str) -> dict[str, Any]:
    return {
        "name": model.name,
        "provider": model.provider,
        "simulated": model.name.startswith(SIMULATOR_PREFIX),
        "is_default": model.name == default,
    }


@extend_schema(tags=["Models and types"])
class PromptTypeViewSet(ActionViewSet[PromptType]):
    """The kinds of prompts, with their defaults."""

    queryset = PromptType.objects.all()
    permission_classes = [ReadOrManageAll]
    serializer_class = PromptTypeOut
    filterset_class = PromptTypeFilter
    pagination_class = BySlug
    bodies = {"create": PromptTypeCreate, "partial_update": PromptTypeChange}

    @extend_schema(operation_id="list_prompt_types", responses=answers(200, PromptTypeOut(many=True), 400, 401))
    def list(self, request: Request) -> Response:
        """All types by slug; inactive ones take no new requests."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(PromptTypeOut(page, many=True).data)

    @extend_schema(
        operation_id="create_prompt_type",
        request=PromptTypeCreate,
        parameters=CREATION_HEADERS,
        responses=answers(201, PromptTypeOut, 400, 401, 403, 409, 422),
    )
    def create(self, request: Request) -> Response:
        """Add a type. Needs `system.manage_all`."""
        values = self.validated(request)
        return once(request, lambda _key: _created(types.create_type(**values, actor=request.user)))

    @extend_schema(operation_id="get_prompt_type", responses=answers(200, PromptTypeOut, 401, 404))
    def retrieve(self, request: Request, slug: str) -> Response:
        """One type."""
        kind = self.get_queryset().filter(slug=slug).first()
        if kind is None:
            raise NotFound(_("There is no prompt type “%(slug)s”.") % {"slug": slug})
        return Response(PromptTypeOut(kind).data)

    @extend_schema(
        operation_id="change_prompt_type",
        request=PromptTypeChange,
        responses=answers(200, PromptTypeOut, 400, 401, 403, 404),
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a type's texts, defaults or whether it is active. Needs `system.manage_all`."""
        return Response(PromptTypeOut(types.change_type(slug, **self.validated(request), actor=request.user)).data)


def _created(kind: PromptType) -> Answer:
    """201 with the new type and its place."""
    return Answer(201, dict(PromptTypeOut(kind).data), {"Location": reverse("prompt-type", kwargs={"slug": kind.slug})})
