"""Bodies of callers whom nobody knows yet. One that never comes holds a thread, so it may not hold all of them.

The web server hands a request on before its body is there and has no time limit for it; reading waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, UnreadablePostError
from rest_framework.permissions import AllowAny


class NoRoom(Exception):
    """As many threads as may do so wait for bodies already."""


def hold(request: HttpRequest) -> None:
    """Read the whole body into memory, for all who look at it later. Raises NoRoom, having read nothing."""
    with _room():
        try:
            _ = request.body
        except UnreadablePostError:
            # Who broke it off won't read the answer either; the view finds an empty form.
            return


def hold_chunked(request: HttpRequest, limit: int) -> bool:
    """Read a body that comes without its length, which Django would take for empty. False when it is over `limit`.

    Raises NoRoom.
    """
    with _room():
        body = request.META["wsgi.input"].read(limit + 1)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = LimitedStream(BytesIO(body), len(body))  # type: ignore[assignment]
    return len(body) <= limit


def asks_first(view: Any) -> bool:
    """Whether it is one of the API's that ask who calls before they look at the body."""
    api = getattr(view, "cls", None)
    return api is not None and bool(api.permission_classes) and AllowAny not in api.permission_classes


@contextmanager
def _room() -> Iterator[None]:
    rooms = _rooms()
    if not rooms.acquire(blocking=False):
        raise NoRoom
    try:
        yield
    finally:
        rooms.release()


@cache
def _rooms() -> BoundedSemaphore:
    """For a quarter of the threads: what comes at the usual pace needs one for a moment."""
    return BoundedSemaphore(max(1, settings.WEB_THREADS // 4))
