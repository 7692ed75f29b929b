"""Trying a version out, on a text or on a file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from documents.api.sandbox_shapes import SandboxAnswer, SandboxForm, SandboxRun
from documents.api.uploads import FORM, JSON, PARSERS, UploadMixin, content_of, stream_of
from documents.models.document_file import Priority
from documents.services.storing import add_document
from documents.services.trying import try_document
from prompts.active_version import ActiveVersion
from prompts.api import reading
from prompts.api.idempotency import once
from prompts.api.permissions import WriteVersions
from prompts.api.schema import IDEMPOTENCY_KEY, answers
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptVersion
from prompts.services import active, submission
from prompts.services.idempotency import Answer
from prompts.services.placeholders import text_placeholder

RUN_LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, description="Where its answer will be.", response=[202]
)
RUN: dict[str, Any] = {
    "request": {JSON: SandboxRun, FORM: SandboxForm},
    "parameters": [IDEMPOTENCY_KEY, RUN_LOCATION],
    "responses": answers(202, SandboxAnswer, 400, 401, 403, 404, 409, 413, 415, 422, 429),
}
Version = ActiveVersion | PromptVersion


class SandboxAPIView(UploadMixin, APIView):
    """What both try-outs have in common."""

    permission_classes = [WriteVersions]
    parser_classes = PARSERS
    forms = {"post": SandboxForm}

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """The shape of what was sent, and what the page for people shows as a form."""
        return (self.form_of(self.request, "post") or SandboxRun)(*args, **kwargs)

    def run(self, request: Request, version: Version) -> Response:
        """Ask about what was sent with this version."""
        serializer = self.get_serializer(data=content_of(request))
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return once(request, lambda key: _started(version, values, user=request.user, idempotency_key=key))


@extend_schema(tags=["Versions"])
class SandboxView(SandboxAPIView):
    """A try-out of a version, active or not."""

    @extend_schema(operation_id="try_prompt_version", **RUN)
    def post(self, request: Request, promptType: str, versionNumber: int) -> Response:
        """Ask the model with this version about a text, or about a file that comes as `file` of a form.

        Follow `Location`: the request has the rendered prompt (of a file once it is read) and the answer. The answer is
        also kept on the version that it was started with, whichever is active by then. Needs
        `prompts.write_promptversion` or `system.manage_all`.
        """
        return self.run(request, reading.find_version(promptType, versionNumber))


@extend_schema(tags=["Versions"])
class ActiveSandboxView(SandboxAPIView):
    """A try-out of the active version."""

    @extend_schema(operation_id="try_active_prompt_version", **RUN)
    def post(self, request: Request, promptType: str) -> Response:
        """The same with the version that is active now; the answer tells its number.

        Needs `prompts.write_promptversion` or `system.manage_all`.
        """
        return self.run(request, active.find(promptType))


def _started(version: Version, values: dict[str, Any], **who: Any) -> Answer:
    """202 with the request that tries the version, and its place."""
    start = _on_file if "file" in values else _on_text
    prompt = start(version, values, **who)
    body = {"requestId": str(prompt.pk), "versionNumber": version.version_number, "status": prompt.status}
    return Answer(202, {"data": body}, {"Location": reverse("prompt", kwargs={"id": prompt.pk})})


@transaction.atomic
def _on_file(version: Version, values: dict[str, Any], *, user: Any, idempotency_key: str) -> PromptRequest:
    """With a document whose text comes now or, if nobody has read it yet, later."""
    if "text" in values:
        raise InvalidInput.on("text", _("Give either file or text."))
    upload = values["file"]
    document = add_document(user=user, name=upload.name, content=stream_of(upload), priority=Priority.PERSON)
    return try_document(
        actor=user,
        prompt_type=_type_of(version),
        version_number=version.version_number,
        document=document,
        variables=values.get("variables"),
        model=values.get("model", ""),
        idempotency_key=idempotency_key,
    )


def _on_text(version: Version, values: dict[str, Any], *, user: Any, idempotency_key: str) -> PromptRequest:
    return submission.submit(
        user=user,
        prompt_type=_type_of(version),
        version_number=version.version_number,
        variables=_variables(version, values),
        model=values.get("model", ""),
        is_sandbox=True,
        idempotency_key=idempotency_key,
    )


def _variables(version: Version, values: dict[str, Any]) -> dict[str, str]:
    if ("text" in values) == ("variables" in values):
        raise InvalidInput.on("text", _("Give either text or variables."))
    if "variables" in values:
        variables: dict[str, str] = values["variables"]
        return variables
    return {text_placeholder(version): values["text"]}


def _type_of(version: Version) -> str:
    return version.prompt_type if isinstance(version, ActiveVersion) else version.prompt_type_id
