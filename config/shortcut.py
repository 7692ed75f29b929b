"""The hot paths of the API, answered before anything else looks at them (docs/decisions/0008, 0020)."""

from __future__ import annotations

import re

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

from config.middleware import GetResponse
from prompts.api.accepting import accept_quickly
from prompts.api.active import answer_quickly
from prompts.api.own_rows import list_quickly, show_quickly
from prompts.api.routing import RequestIdConverter
from prompts.models.prompt_type import SLUG_FORM

REQUESTS = {"/api/ai/prompts/", "/api/ai/prompts"}
BELOW = re.compile(rf"/api/ai/prompts/(?:({SLUG_FORM})/active|({RequestIdConverter.regex}))/?")
#: These put the same on every answer, whatever it is.
STAMPS = (CSPMiddleware, SecurityMiddleware, XFrameOptionsMiddleware)
TRIED = "shortcut_was_tried"


class ShortcutMiddleware:
    """Stands before all others but those that do something to every answer.

    What it can't answer at once, or only with an error, goes on as if it were not there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.shortcut = Shortcut()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.shortcut.answer(request) or self.get_response(request)


class Shortcut:
    """Answers, and does what other middleware does for every call: checks the host and HTTPS, and sets the headers of
    transport security and content policy.
    """

    def __init__(self) -> None:
        self._stamps: dict[bool, dict[str, str]] = {}

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a call of a hot path; None leaves it to the framework, as does each later try."""
        if vars(request).get(TRIED):
            return None
        vars(request)[TRIED] = True
        response = _shortcut(request)
        if response is not None:
            for name, value in self._stamps_of(request).items():
                response.headers[name] = value
        return response

    def _stamps_of(self, request: HttpRequest) -> dict[str, str]:
        is_secure = request.is_secure()
        if is_secure not in self._stamps:
            self._stamps[is_secure] = _stamps(request)
        return self._stamps[is_secure]


def leads_to(path: str) -> bool:
    """Whether calls of this path may be answered at once."""
    return path in REQUESTS or BELOW.fullmatch(path) is not None


def _shortcut(request: HttpRequest) -> HttpResponse | None:
    path = request.path_info
    below = BELOW.fullmatch(path)
    if not below and path not in REQUESTS:
        return None
    try:
        # As CommonMiddleware would: a Host header that is not ours is refused.
        request.get_host()
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return None
        return _answer_below(request, *below.groups()) if below else _answer(request)
    except (DisallowedHost, Error):
        return None


def _answer(request: HttpRequest) -> HttpResponse | None:
    return accept_quickly(request) if request.method == "POST" else list_quickly(request)


def _answer_below(request: HttpRequest, prompt_type: str | None, request_id: str | None) -> HttpResponse | None:
    return answer_quickly(request, prompt_type) if prompt_type else show_quickly(request, request_id or "")


def _stamps(request: HttpRequest) -> dict[str, str]:
    """The headers that every call gets, whatever it is; without HTTPS there is none of transport security."""
    blank = HttpResponse()
    before = set(blank.headers)
    for middleware in STAMPS:
        middleware(lambda _request: blank).process_response(request, blank)
    return {name: value for name, value in blank.headers.items() if name not in before}
