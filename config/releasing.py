"""Memory of an answer that is done (docs/decisions/0029-what-a-process-keeps.md)."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.middleware import GetResponse


class ReleaseMiddleware:
    """Takes apart what answered a call of the API, once the answer is rendered.

    View, request and response of REST framework hold one another, and a page of two hundred rows with them. Until the
    garbage collector comes to it, that is a megabyte and a half for each long page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        context = getattr(response, "renderer_context", None)
        if context and context["request"]:
            context["request"].parser_context.clear()
            vars(context["view"]).clear()
            context.clear()
        return response
