"""Whose HTTP request it is that runs now, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest

from audit import origin
from audit.log import Actor
from audit.origin import Origin
from config.lockout import client_address
from config.logs import correlation_id

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Have every entry that is appended inside tell where `request` came from."""
    token = _request.set(request)
    try:
        with origin.coming_from(Origin(_channel(request), client_address(request), correlation_id.get())):
            yield
    finally:
        _request.reset(token)


def _channel(request: HttpRequest) -> str:
    return origin.ADMIN if request.path_info.startswith("/admin/") else origin.API


def current_actor() -> Actor | None:
    """Who has signed in to the request that runs now; None outside of one, and for anonymous ones.

    The user is looked up only when somebody asks: most requests change nothing that is audited by signals.
    """
    user = getattr(_request.get(), "user", None)
    return user if user is not None and user.is_authenticated else None
