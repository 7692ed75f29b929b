"""What a cache may keep of an answer: nothing, unless its view says otherwise."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.middleware import GetResponse

Response = TypeVar("Response", bound=HttpResponseBase)
NOTHING = "private, no-store"


class PrivateAnswersMiddleware:
    """Keeps what one person sees, and every token, out of caches of browsers and on the way to them.

    An answer to a session differs by its cookie, to which `Vary` does not always point. Static files say how long
    they may be kept, and so does what else may be.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return keep_private(self.get_response(request))


def keep_private(response: Response) -> Response:
    """The same answer, with the header if it has none."""
    response.headers.setdefault("Cache-Control", NOTHING)
    return response
