"""Bodies that never come: they hold some threads of the web server, and never all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from config import receiving
from config.middleware import BodyLimitMiddleware
from config.models import User

#: What strangers send bodies to.
OPEN = ["/api/token/", "/api/token/refresh/", "/admin/login/", "/admin/prompts/prompttype/add/"]
CLOSED = ["/api/ai/documents/", "/api/ai/prompts/", "/api/audit/"]


class Stalled:
    """A body of which nothing comes before `ended`; tells when somebody waits for it."""

    def __init__(self) -> None:
        self.waiting, self.ended = threading.Event(), threading.Event()

    def read(self, *args: int) -> bytes:
        self.waiting.set()
        assert self.ended.wait(60)
        return b""

    readline = read


@pytest.fixture(autouse=True)
def two_rooms(settings: Any) -> Iterator[None]:
    settings.WEB_THREADS = 8
    receiving._rooms.cache_clear()
    yield
    receiving._rooms.cache_clear()


def call(path: str, body: Any = None, *, user: Any = None, **environ: Any) -> int:
    """The status for a POST with so much of a body, through the middleware alone: 200 is what it lets pass."""
    given: dict[str, Any] = {"wsgi.input": body or BytesIO(b"{}")}
    request = RequestFactory().generic("POST", path, b"{}", "application/json", **given | environ)
    request.user = user or AnonymousUser()
    view = resolve(path).func

    def passed_on(request: HttpRequest) -> HttpResponse:
        return middleware.process_view(request, view, (), {}) or HttpResponse()  # type: ignore[return-value]

    middleware = BodyLimitMiddleware(passed_on)
    return middleware(request).status_code


CHUNKED = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}


@contextmanager
def stalled(number: int, send: Callable[[Stalled], int]) -> Iterator[list[int]]:
    """So many calls, each of which waits for its body within the block; their statuses after it."""
    statuses: list[int] = []
    bodies = [Stalled() for _ in range(number)]
    threads = [threading.Thread(target=lambda body=body: statuses.append(send(body))) for body in bodies]
    for thread in threads:
        thread.start()
    try:
        assert all(body.waiting.wait(60) for body in bodies)
        yield statuses
    finally:
        for body in bodies:
            body.ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("path", OPEN)
def test_strangers_who_send_nothing_hold_a_quarter_of_the_threads(path: str) -> None:
    with stalled(2, lambda body: call(path, body)) as statuses:
        assert call(path) == HTTPStatus.SERVICE_UNAVAILABLE
        assert call(path, user=User(username="known")) == HTTPStatus.OK
    assert statuses == [200, 200]
    assert call(path) == HTTPStatus.OK


def test_chunks_that_never_come_hold_no_more() -> None:
    with stalled(2, lambda body: call("/api/ai/prompts/", body, **CHUNKED)):
        assert call("/api/ai/prompts/", **CHUNKED) == HTTPStatus.SERVICE_UNAVAILABLE
        assert call("/api/ai/prompts/") == HTTPStatus.OK
    assert call("/api/ai/prompts/", **CHUNKED) == HTTPStatus.OK


@pytest.mark.parametrize("path", CLOSED)
def test_what_asks_who_calls_reads_nothing_before(path: str) -> None:
    body = Stalled()
    assert call(path, body) == HTTPStatus.OK
    assert not body.waiting.is_set()


def test_the_refusal_says_when_to_come_back() -> None:
    with stalled(2, lambda body: call("/api/token/", body)):
        request = RequestFactory().post("/api/token/")
        request.META |= CHUNKED
        answer = BodyLimitMiddleware(lambda request: HttpResponse())(request)
    assert answer.headers["Retry-After"] == "1"
