"""Every exception of an API view becomes one error shape (config/problems.py)."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.problems import Problem
from prompts.exceptions import (
    Conflict,
    DomainError,
    GateClosed,
    InvalidInput,
    KeyReused,
    NotFound,
    ReviewRequired,
    TooManyDownloads,
    TooManyUnfinished,
)

logger = logging.getLogger(__name__)

#: Of an error that isn't here, its base class counts.
STATUS_BY_ERROR: dict[type, int] = {
    InvalidInput: 400,
    ReviewRequired: 403,
    GateClosed: 403,
    NotFound: 404,
    Conflict: 409,
    KeyReused: 422,
    TooManyUnfinished: 429,
    TooManyDownloads: 503,
}
DATABASE_RETRY_SECONDS = "5"
#: The disk is full, or may only be read. It takes a person to change that.
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
DISK_RETRY_SECONDS = "60"


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The response for `error`, or None for a bug, which `config.errors.server_error` then answers and Django logs."""
    problem = describe(error)
    if problem is None:
        return None
    # Beside Django's own line, which has the path but not the reason; both carry the correlation id.
    logger.info("%d for %s: %s", problem.status, _caller(context["request"]), problem.message)
    set_rollback()
    return Response(problem.body(), status=problem.status, headers=dict(problem.headers))


def _caller(request: Any) -> Any:
    """Who is known to call by now, else "somebody". To ask would be to ask once more what has failed just now."""
    return vars(request).get("_user", "somebody")


def describe(error: BaseException) -> Problem | None:
    """What is to be told of `error`; None when nothing is known about it."""
    match error:
        case DomainError():
            return _of_domain(error)
        case APIException():
            return _of_framework(error)
        case Http404():
            return Problem(404, _("There is nothing at this address."))
        case PermissionDenied():
            return Problem(403, str(error) or _("You may not do this."))
        case RequestDataTooBig():
            return Problem(413, _("The body is too long."))
        case TooManyFilesSent():
            return Problem(413, _too_many_files())
        case SuspiciousOperation():
            return Problem(400, _("The request was refused."))
        case OperationalError() | InterfaceError():
            logger.warning("The database can't be reached: %s", str(error).strip())
            return Problem(503, _("The database can't be reached."), headers={"Retry-After": DATABASE_RETRY_SECONDS})
        case OSError() if error.errno in DISK_FAULTS:
            logger.error("Files can't be stored: %s", error)
            return Problem(503, _("Files can't be stored at the moment."), headers={"Retry-After": DISK_RETRY_SECONDS})
    return None


def _too_many_files() -> str:
    limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    return gettext("More than %(limit)d files at once. Send them as a ZIP archive.") % {"limit": limit}


def _of_domain(error: DomainError) -> Problem:
    return Problem(
        next((STATUS_BY_ERROR[kind] for kind in type(error).mro() if kind in STATUS_BY_ERROR), 400),
        error.message,
        error.user_message,
        error.recovery_action,
        errors=error.errors,
        headers=_retry_after(error.retry_after),
    )


def _of_framework(error: APIException) -> Problem:
    headers = _retry_after(getattr(error, "wait", None))
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if isinstance(error, ValidationError):
        return _of_fields(error, headers)
    advice = (getattr(error, "user_message", ""), getattr(error, "recovery_action", ""))
    return Problem(error.status_code, _first_text(error.detail), *advice, headers=headers)


def _of_fields(error: ValidationError, headers: Mapping[str, str]) -> Problem:
    errors: dict[str, list[str]] = {}
    for name, text in _flat(error.detail):
        errors.setdefault(name or "body", []).append(text)
    message = " ".join(f"{name}: {text}" for name, texts in errors.items() for text in texts)
    advice = (InvalidInput.user_message, InvalidInput.recovery_action)
    return Problem(400, message, *advice, errors=errors, headers=headers)


def _flat(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Field names, dotted where they are nested, each with one text."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flat(value, name if key == "non_field_errors" else f"{name}.{key}".lstrip("."))
    elif isinstance(detail, list):
        for value in detail:
            yield from _flat(value, name)
    else:
        yield name, str(detail)


def _first_text(detail: Any) -> str:
    if isinstance(detail, dict):
        return str(detail.get("detail", "")) or " ".join(text for _name, text in _flat(detail))
    return " ".join(text for _name, text in _flat(detail))


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(round(seconds))}
