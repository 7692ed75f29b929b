"""What can be done with a version without changing it: compare it, fill it in, try it out."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prompts import comparison, rendering
from prompts.api import reading
from prompts.api.fields import StrictSerializer
from prompts.api.filters import refuse_unknown
from prompts.api.idempotency import once
from prompts.api.permissions import ManageAll
from prompts.api.schema import IDEMPOTENCY_KEY, answers
from prompts.api.version_shapes import DiffAnswer, RenderedAnswer, SandboxAnswer, SandboxRun, VersionRender
from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services import active, submission
from prompts.services.idempotency import Answer
from prompts.services.inputs import in_braces, render_strictly

NUMBER = re.compile(r"[1-9][0-9]{0,99}")
COMPARED = {"model": "model", "parameters": "parameters", "fieldSchema": "field_schema"}
ENDS = [
    OpenApiParameter(
        name, {"type": "integer", "minimum": 1}, required=True, description=f"The number of the {text} version."
    )
    for name, text in (("from", "old"), ("to", "new"))
]
RUN_LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, description="Where its answer will be.", response=[202]
)


@extend_schema(tags=["Versions"])
class DiffView(APIView):
    """What two versions of a type differ in."""

    permission_classes = [ManageAll]

    @extend_schema(
        operation_id="diff_prompt_versions", parameters=ENDS, responses=answers(200, DiffAnswer, 400, 401, 403, 404)
    )
    def get(self, request: Request, promptType: str) -> Response:
        """The templates line by line and as a unified diff, and what else differs."""
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


@extend_schema(tags=["Versions"])
class SandboxView(APIView):
    """A try-out of a version, active or not."""

    permission_classes = [ManageAll]

    @extend_schema(
        operation_id="try_prompt_version",
        request=SandboxRun,
        parameters=[IDEMPOTENCY_KEY, RUN_LOCATION],
        responses=answers(202, SandboxAnswer, 400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    def post(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """Ask the model with this version. The answer comes with the request and, when it is there, on the version."""
        values = _validated(SandboxRun(data=request.data))
        version = reading.find_version(promptType, versionNumber)
        return once(request, lambda key: _started(version, values, user=request.user, idempotency_key=key))

    def get_serializer(self, *args: Any, **kwargs: Any) -> SandboxRun:
        """What the page for people shows as a form."""
        return SandboxRun(*args, **kwargs)


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


def _started(version: PromptVersion, values: dict[str, Any], **who: Any) -> Answer:
    """202 with the request that tries the version, and its place."""
    prompt = submission.submit(
        prompt_type=version.prompt_type_id,
        version_number=version.version_number,
        variables=_variables(version, values),
        model=values.get("model", ""),
        is_sandbox=True,
        **who,
    )
    body = {"requestId": str(prompt.pk), "versionNumber": version.version_number, "status": prompt.status}
    return Answer(202, {"data": body}, {"Location": reverse("prompt", kwargs={"id": prompt.pk})})


def _variables(version: PromptVersion, values: dict[str, Any]) -> dict[str, str]:
    if ("text" in values) == ("variables" in values):
        raise InvalidInput.on("text", _("Give either text or variables."))
    if "variables" in values:
        variables: dict[str, str] = values["variables"]
        return variables
    return {_only_placeholder(version): values["text"]}


def _only_placeholder(version: PromptVersion) -> str:
    """The template's only one, or the only one that its type requires. Raises InvalidInput."""
    names = rendering.placeholders(version.template)
    required = PromptType.objects.values_list("required_placeholders", flat=True).get(slug=version.prompt_type_id)
    for candidates in (names, required):
        if len(candidates) == 1:
            return candidates[0]
    if not names:
        raise InvalidInput.on("text", _("The template has no placeholder for a text."))
    raise InvalidInput.on(
        "text",
        _("The template has more than one placeholder; give variables with: %(placeholders)s.")
        % {"placeholders": in_braces(names)},
    )
