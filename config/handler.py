"""Django's WSGI handler, which tries the hot paths before it begins (docs/decisions/0020-hot-path-of-accepting.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import random
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from config.caching import keep_private
from config.middleware import CORRELATION_HEADER, identify
from config.shortcut import Shortcut, leads_to

#: So many answers, on average, a client gets over one connection (docs/decisions/0030-connections-of-clients.md).
ANSWERS_A_CONNECTION = 250
#: What was begun for a call that the framework answers.
BEGUN = "config.handler.request"


class Handler(WSGIHandler):
    """Answers calls of the hot paths without the signals, locals and middleware that every other call goes through.

    What those do for a hot path is done here or by what it calls: the id of the call, its Cache-Control, an error in
    words, and the age and health of the connection to PostgreSQL (prompts/prepared.py).
    """

    def __init__(self) -> None:
        super().__init__()
        answer: Any = Shortcut().answer
        self._shortcut: Callable[[HttpRequest], Any] = convert_exception_to_response(answer)

    def __call__(  # type: ignore[override]
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if _is_last_of_connection(environ):
            start_response = _closing(start_response)
        if not _may_be_quick(environ):
            return super().__call__(environ, start_response)
        request = WSGIRequest(environ)
        response = self._answer(request)
        if response is None:
            # Its body may have been read.
            environ[BEGUN] = request
            return super().__call__(environ, start_response)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items()])
        return [response.content]

    def request_class(self, environ: dict[str, Any]) -> WSGIRequest:  # type: ignore[override]
        """The request of a call."""
        begun: WSGIRequest | None = environ.pop(BEGUN, None)
        return begun or WSGIRequest(environ)

    def _answer(self, request: HttpRequest) -> HttpResponse | None:
        identifier = identify(request)
        response: HttpResponse | None = self._shortcut(request)
        if response is not None:
            response.headers[CORRELATION_HEADER] = identifier
            keep_private(response)
        return response


def _may_be_quick(environ: dict[str, Any]) -> bool:
    """Django notes the statements of each call by a signal while it debugs; below a prefix it would have to be told."""
    return leads_to(environ.get("PATH_INFO", "")) and not settings.DEBUG and not environ.get("SCRIPT_NAME")


def _is_last_of_connection(environ: dict[str, Any]) -> bool:
    """Now and then. Other servers than granian take no such header from an application, nor does HTTP/2."""
    is_possible = environ.get("SERVER_SOFTWARE") == "Granian" and environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
    return is_possible and random() * ANSWERS_A_CONNECTION < 1  # noqa: S311


def _closing(start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *rest)

    return start
