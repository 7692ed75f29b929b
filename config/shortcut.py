"""The hot read of the API, answered before cookies, languages and forms are looked at (docs/decisions/0008)."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.middleware import GetResponse
from prompts.api.active import answer_quickly
from prompts.models.prompt_type import SLUG_FORM

ACTIVE = re.compile(rf"/api/ai/prompts/({SLUG_FORM})/active/?")


class ShortcutMiddleware:
    """Stands behind what every answer needs (correlation id, body limit, transport security, content policy).

    What it can't answer at once goes on as if it were not there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if match := ACTIVE.fullmatch(request.path_info):
            # As CommonMiddleware would: a Host header that is not ours is refused.
            request.get_host()
            if response := answer_quickly(request, match[1]):
                return response
        return self.get_response(request)
