"""What can be done with a version without storing anything: compare it, fill it in."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prompts import comparison
from prompts.api import reading
from prompts.api.fields import StrictSerializer
from prompts.api.filters import refuse_unknown
from prompts.api.permissions import ReadVersions
from prompts.api.schema import answers
from prompts.api.version_shapes import DiffAnswer, RenderedAnswer, VersionRender
from prompts.models import PromptVersion
from prompts.services import active
from prompts.services.inputs import render_strictly

NUMBER = re.compile(r"[1-9][0-9]{0,99}")
COMPARED = {"model": "model", "parameters": "parameters", "fieldSchema": "field_schema"}
ENDS = [
    OpenApiParameter(
        name, {"type": "integer", "minimum": 1}, required=True, description=f"The number of the {text} version."
    )
    for name, text in (("from", "old"), ("to", "new"))
]


@extend_schema(tags=["Versions"])
class DiffView(APIView):
    """What two versions of a type differ in."""

    permission_classes = [ReadVersions]

    @extend_schema(
        operation_id="diff_prompt_versions", parameters=ENDS, responses=answers(200, DiffAnswer, 400, 401, 403, 404)
    )
    def get(self, request: Request, promptType: str) -> Response:
        """The templates line by line and as a unified diff, and what else differs.

        Needs `prompts.view_promptversion`, `prompts.write_promptversion` or `system.manage_all`.
        """
        refuse_unknown(request, {"from", "to"})
        old, new = (reading.find_version(promptType, _number(request, name)) for name in ("from", "to"))
        return Response({"data": _compared(old, new)})


@extend_schema(tags=["Versions"])
class RenderView(APIView):
    """A version's template filled in, as a model would get it."""

    @extend_schema(
        operation_id="render_prompt_version",
        request=VersionRender,
        responses=answers(200, RenderedAnswer, 400, 401, 404, 413, 415),
    )
    def post(self, request: Request, promptType: str) -> Response:
        """Fill in the active version, or the one that is named. Nothing is stored and no model is asked."""
        values = _validated(VersionRender(data=request.data))
        version = _version(promptType, values.get("versionNumber"))
        text = render_strictly(version.template, values["variables"])
        return Response({"data": _rendered(version, text)})

    def get_serializer(self, *args: Any, **kwargs: Any) -> VersionRender:
        """What the page for people shows as a form."""
        return VersionRender(*args, **kwargs)


def _validated(serializer: StrictSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not NUMBER.fullmatch(text):
        raise ValidationError({name: [_("Write the number of a version.")]})
    return int(text)


def _compared(old: PromptVersion, new: PromptVersion) -> dict[str, Any]:
    lines = comparison.compare(old.template, new.template)
    return {
        "promptType": old.prompt_type_id,
        "fromVersion": old.version_number,
        "toVersion": new.version_number,
        "unified": comparison.unified(lines, str(old), str(new)),
        "lines": [
            {"op": line.op, "fromLine": line.from_line, "toLine": line.to_line, "text": line.text} for line in lines
        ],
        "changes": {
            name: {"from": getattr(old, column), "to": getattr(new, column)}
            for name, column in COMPARED.items()
            if getattr(old, column) != getattr(new, column)
        },
    }


def _version(slug: str, number: int | None) -> active.ActiveVersion | PromptVersion:
    return active.find(slug) if number is None else reading.find_version(slug, number)


def _rendered(version: active.ActiveVersion | PromptVersion, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "versionNumber": version.version_number,
        "templateSha256": version.template_sha256,
        "renderedSha256": hashlib.sha256(text.encode()).hexdigest(),
    }
