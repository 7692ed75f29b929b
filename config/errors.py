"""Errors outside the API's views: JSON below /api/, Django's plain pages elsewhere."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from config import problems
from config.exception_handler import describe
from config.problems import Problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400, for example for a Host header that isn't ours."""
    return _respond(request, exception) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403."""
    return _respond(request, exception) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404."""
    return _respond(request, exception) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500, or 503 when the database is away. Django has logged the error; nothing of it is told."""
    problem = describe(sys.exc_info()[1] or Exception())
    if problem is None or problem.status != 503:
        problem = Problem(500, _("An internal error. The log has it under the correlation id."))
    if problems.is_api(request):
        return problems.respond(request, problem)
    response = defaults.server_error(request)
    response.status_code = problem.status
    return response


def _respond(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if not problems.is_api(request):
        return None
    return problems.respond(request, describe(error) or Problem(400, _("The request was refused.")))
