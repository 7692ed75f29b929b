"""What every HTTP request passes before anything reads it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from io import BytesIO

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from config import problems
from config.auditing import calls
from config.logs import correlation_id
from config.problems import Problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]
CORRELATION_HEADER = "X-Correlation-ID"
#: An inbound id is kept only if it can do no harm in a log line or a header.
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


class CorrelationIdMiddleware:
    """Gives each request an id, or keeps the caller's, in every log line and in the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        inbound = request.headers.get(CORRELATION_HEADER, "")
        identifier = inbound if SANE_ID.fullmatch(inbound) else uuid.uuid4().hex
        # Not reset afterwards: Django logs an error answer when every middleware is through.
        correlation_id.set(identifier)
        response = self.get_response(request)
        response.headers[CORRELATION_HEADER] = identifier
        return response


class OriginMiddleware:
    """Has the audit entries of a request tell where it came from, and who sent it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with calls.answering(request):
            return self.get_response(request)


class BodyLimitMiddleware:
    """Refuses bodies over `settings.MAX_BODY_BYTES` with 413, before anything holds them in memory."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_too_large(request):
            return _too_large(request)
        return self.get_response(request)

    def _is_too_large(self, request: HttpRequest) -> bool:
        length = request.META.get("CONTENT_LENGTH") or ""
        if length:
            return length.isdigit() and int(length[:19]) > settings.MAX_BODY_BYTES
        if "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
            return False
        return not _hold_chunked_body(request)


def _hold_chunked_body(request: HttpRequest) -> bool:
    """Read a body that comes without its length, which Django would take for empty. False when it is too long."""
    body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = LimitedStream(BytesIO(body), len(body))  # type: ignore[assignment]
    return len(body) <= settings.MAX_BODY_BYTES


def _too_large(request: HttpRequest) -> HttpResponse:
    """This middleware stands before the one that activates the request's language."""
    with translation.override(translation.get_language_from_request(request)):
        text = _("The body is longer than %(limit)d bytes.") % {"limit": settings.MAX_BODY_BYTES}
    return problems.respond(request, Problem(413, text))
