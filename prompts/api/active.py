"""The active version of a type: what programs read before each call, so the hot path of the API."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prompts import rendering
from prompts.active_cache import MOST_KEPT
from prompts.active_version import ActiveVersion
from prompts.api import plain
from prompts.api.bearer import let_in
from prompts.api.fields import JsonObjectField
from prompts.api.rendering import OrjsonRenderer
from prompts.api.schema import answers
from prompts.kept import Kept
from prompts.services import active

#: Any copy has to be asked about here before it is used.
CACHE_CONTROL = "private, no-cache"
HEADERS = [
    OpenApiParameter(
        "If-None-Match",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="The ETag of the copy that you have: while it is still the active version, the answer is 304.",
    ),
    OpenApiParameter(
        "ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, description="Changes with each activation.", response=[200]
    ),
]
UNCHANGED = {304: OpenApiResponse(description="Your copy is still the active version.")}
_time = serializers.DateTimeField()


class Represented(NamedTuple):
    """An active version with its body and its ETag."""

    version: ActiveVersion
    body: bytes
    etag: str


_made: Kept[str, Represented] = Kept(MOST_KEPT)


class ActivePrompt(serializers.Serializer[Any]):
    """The version in use, with what belongs to it."""

    promptType = serializers.CharField()
    versionNumber = serializers.IntegerField()
    template = serializers.CharField()
    isActive = serializers.BooleanField()
    templateSha256 = serializers.CharField()
    placeholders = serializers.ListField(child=serializers.CharField())
    model = serializers.CharField(help_text="Empty: the type's default.")
    parameters = JsonObjectField()
    fieldSchema = JsonObjectField(allow_null=True)
    activatedAt = serializers.DateTimeField()
    createdAt = serializers.DateTimeField()


class ActivePromptAnswer(serializers.Serializer[Any]):
    """As every answer on versions: inside `data`."""

    data = ActivePrompt()  # type: ignore[assignment]


@extend_schema(tags=["Versions"])
class ActiveVersionView(APIView):
    """The active version of a prompt type. A GET never shows one that was replaced before it was sent."""

    @extend_schema(
        operation_id="get_active_prompt_version",
        parameters=HEADERS,
        responses=answers(200, ActivePromptAnswer, 401, 404) | UNCHANGED,
    )
    def get(self, request: Request, promptType: str) -> HttpResponseBase:
        """The version in use. Send its ETag back in If-None-Match to learn whether it has changed."""
        version = active.find(promptType)
        if isinstance(request.accepted_renderer, BrowsableAPIRenderer):
            return Response(present(version), headers={"Cache-Control": CACHE_CONTROL})
        return _answer(request._request, version)


def present(version: ActiveVersion) -> dict[str, Any]:
    """The body. Notes and test results are not in it: they change while the same version stays active."""
    return {
        "data": {
            "promptType": version.prompt_type,
            "versionNumber": version.version_number,
            "template": version.template,
            "isActive": True,
            "templateSha256": version.template_sha256,
            "placeholders": rendering.placeholders(version.template),
            "model": version.model,
            "parameters": version.parameters,
            "fieldSchema": version.field_schema,
            "activatedAt": _shown(version.activated_at),
            "createdAt": _shown(version.created_at),
        }
    }


def _shown(at: datetime | None) -> str | None:
    """As the serializers of the API show times."""
    return _time.to_representation(at) if at else None


def answer_quickly(request: HttpRequest, prompt_type: str) -> HttpResponse | None:
    """The answer for who reads JSON with a token that is still good; None leaves it to the framework.

    One round trip: account, password and active version are asked for in one statement.
    """
    headers = request.META
    if request.method not in {"GET", "HEAD"} or not plain.asks_plainly(headers):
        return None
    version = _read_by(headers.get("HTTP_AUTHORIZATION", ""), prompt_type)
    return _answer(request, version) if version else None


def _read_by(authorization: str, prompt_type: str) -> ActiveVersion | None:
    """The active version, for who may read it at once."""
    found = let_in(
        authorization,
        lambda user_id: active.read_as(user_id, prompt_type),
        lambda digest: active.read_with(digest, prompt_type),
    )
    return found.version if found else None


def _answer(request: HttpRequest, version: ActiveVersion) -> HttpResponse:
    """The version as JSON, or 304 for who has it."""
    _version, body, etag = _represented(version)
    headers = {"ETag": etag, "Cache-Control": CACHE_CONTROL, "Vary": "Accept", "Allow": "GET, HEAD, OPTIONS"}
    if _names(request.META.get("HTTP_IF_NONE_MATCH", ""), etag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers | {"Content-Length": str(len(body))})


def _names(if_none_match: str, etag: str) -> bool:
    """Whether the header names this copy or any, by the weak comparison (RFC 9110, section 13.1.2)."""
    named = parse_etags(if_none_match) if if_none_match else []
    return named == ["*"] or etag in (tag.removeprefix("W/") for tag in named)


def _represented(version: ActiveVersion) -> Represented:
    """Made once for each version that the cache hands out, and kept until the next one of its type."""
    made = _made.get(version.prompt_type)
    if made is None or made.version is not version:
        body = OrjsonRenderer().render(present(version))
        made = Represented(version, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        _made.put(version.prompt_type, made)
    return made
