"""The Idempotency-Key header of a POST that creates."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.encoding import escape_uri_path
from rest_framework.request import Request
from rest_framework.response import Response

from prompts.services.idempotency import Answer, answer_once


def once(request: Request, produce: Callable[[str], Answer]) -> Response:
    """The answer of `produce`, which gets the key; with a key that was answered before, that first answer."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        answer = produce("")
    else:
        answer = answer_once(
            user=request.user,
            # Escaped: PostgreSQL could not hold every path that the routes let through.
            route=escape_uri_path(request.path).rstrip("/"),
            key=key,
            body=request.data,
            produce=lambda: produce(key),
        )
    marks = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, status=answer.status, headers=answer.headers | marks)
