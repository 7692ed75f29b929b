"""What every HTTP request passes before anything reads it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from config import problems, receiving
from config.accounts import languages
from config.auditing import calls
from config.logs import correlation_id
from config.problems import Problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]
CORRELATION_HEADER = "X-Correlation-ID"
CORRELATION = "correlation_id"
#: An inbound id is kept only if it can do no harm in a log line or a header.
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
#: Where forms bring documents.
UPLOADS = re.compile(
    r"/api/ai/documents(/|$)|/api/ai/prompts/[^?]*/sandbox/?$|/admin/(documents|prompts/promptversion)/"
    r"|/admin/prompts/prompttype/[0-9]+/workbench/file/$"
)


class CorrelationIdMiddleware:
    """Gives each request an id, or keeps the caller's, in every log line and in the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        identifier = identify(request)
        response = self.get_response(request)
        response.headers[CORRELATION_HEADER] = identifier
        return response


def identify(request: HttpRequest) -> str:
    """The id of a call, which log lines have from now on: the same one however often it is asked for."""
    identifier: str = vars(request).get(CORRELATION) or _chosen(request.META.get("HTTP_X_CORRELATION_ID", ""))
    vars(request)[CORRELATION] = identifier
    # Not reset afterwards: Django logs an error answer when every middleware is through.
    correlation_id.set(identifier)
    return identifier


def _chosen(inbound: str) -> str:
    return inbound if SANE_ID.fullmatch(inbound) else uuid.uuid4().hex


class OriginMiddleware:
    """Has the audit entries of a request tell where it came from, and who sent it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with calls.answering(request):
            return self.get_response(request)


class AccountLanguageMiddleware:
    """Has the console speak the language that its user chose, over what cookie and browser ask for.

    The API goes by its caller's Accept-Language. Stands behind the sign-in; the pages look the user up anyway.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            languages.speak_of(request)
        return self.get_response(request)


class BodyLimitMiddleware:
    """Refuses bodies that are too long with 413, before anything holds them in memory.

    The limit is `settings.MAX_BODY_BYTES`, and `settings.UPLOAD_MAX_BYTES` for forms where documents are brought in:
    their files go to the disk as they come. A body that doesn't say its length is held in memory, and so is never taken
    for an upload.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            if self._is_too_large(request):
                return _too_large(request, _limit(request))
        except receiving.NoRoom:
            return _no_room(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Read what is read of strangers before anybody asks who they are, or refuse it: a page looks for the form's
        token in it.
        """
        if not _length(request) or receiving.asks_first(view) or request.user.is_authenticated:
            return None
        if _length(request) > settings.MAX_BODY_BYTES:
            return _too_large(request, settings.MAX_BODY_BYTES)
        try:
            receiving.hold(request)
        except receiving.NoRoom:
            return _no_room(request)
        return None

    def _is_too_large(self, request: HttpRequest) -> bool:
        if request.META.get("CONTENT_LENGTH"):
            return _length(request) > _limit(request)
        if "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
            return False
        return not receiving.hold_chunked(request, settings.MAX_BODY_BYTES)


def _length(request: HttpRequest) -> int:
    """What the request says; 0 for what is no number, which Django takes for no body."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length[:19]) if length.isdecimal() else 0


def _limit(request: HttpRequest) -> int:
    is_form = request.content_type == "multipart/form-data"
    is_upload = is_form and UPLOADS.match(request.path_info) and "CONTENT_LENGTH" in request.META
    return settings.UPLOAD_MAX_BYTES if is_upload else settings.MAX_BODY_BYTES


def _too_large(request: HttpRequest, limit: int) -> HttpResponse:
    """This middleware stands before the one that activates the request's language."""
    with translation.override(translation.get_language_from_request(request)):
        text = _("The body is longer than %(limit)d bytes.") % {"limit": limit}
    return problems.respond(request, Problem(413, text))


def _no_room(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        text = _("Too much is being received at the moment.")
    return problems.respond(request, Problem(503, text, headers={"Retry-After": "1"}))
