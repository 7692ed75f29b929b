"""The Idempotency-Key header of a POST that creates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.encoding import escape_uri_path
from rest_framework.request import Request
from rest_framework.response import Response

from prompts.services.idempotency import Answer, Caller, answer_once

#: A form of the browsable API brings it along; it is another one on each page.
CSRF_FIELD = "csrfmiddlewaretoken"


def once(request: Request, produce: Callable[[str], Answer]) -> Response:
    """The answer of `produce`, which gets the key; with a key that was answered before, that first answer."""
    key = request.headers.get("Idempotency-Key")
    answer = answer_to(key, user=request.user, path=request.path, body=request.data, produce=produce)
    return Response(answer.body, status=answer.status, headers=marked(answer))


def answer_to(key: str | None, *, user: Caller, path: str, body: Any, produce: Callable[[str], Answer]) -> Answer:
    """The same for who has no request of the framework's. Without a key `produce` gets an empty one."""
    if key is None:
        return produce("")
    # Escaped: PostgreSQL could not hold every path that the routes let through.
    route = escape_uri_path(path).rstrip("/")
    return answer_once(user=user, route=route, key=key, body=_plain(body), produce=lambda: produce(key))


def marked(answer: Answer) -> dict[str, str]:
    """The answer's headers, with a mark on one that was given before."""
    return answer.headers | ({"Idempotent-Replayed": "true"} if answer.replayed else {})


def _plain(body: Any) -> Any:
    """The body as JSON: of a form all values of each name, of a file its name and the SHA-256 of its content."""
    if not isinstance(body, MultiValueDict):
        return body
    return {name: [_value(value) for value in body.getlist(name)] for name in body if name != CSRF_FIELD}


def _value(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"name": value.name, "sha256": digest.hexdigest()}
