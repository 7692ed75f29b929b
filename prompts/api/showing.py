"""Requests as the API shows them: what the serializers of `prompts.api.serializers` describe, made at once.

A serializer asks each of its fields; for a page of requests that takes ten times as long. A test holds both together.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prompts.api import reading
from prompts.models import PromptRequest


def shown(request: PromptRequest, *, username: str = "") -> dict[str, Any]:
    """As `PromptOut`. Without `username` the row's user is asked, who should have come with it."""
    return _facts(request, username or request.user.get_username(), request.version, request.prompt_text)


def shown_in_detail(request: PromptRequest) -> dict[str, Any]:
    """As `PromptDetail`, of a row that `reading.with_response_and_attempts` gave."""
    return shown(request) | _rest(request, getattr(request, "response", None))


def short_row(row: Any, username: str) -> dict[str, Any]:
    """As `PromptShort`, of a row of the columns `reading.SHORT`."""
    return _facts(row, username, _version(row), row.prompt_text_start)


def whole_row(row: Any, username: str) -> dict[str, Any]:
    """As `PromptDetail`, of a row of the columns `own_rows.DETAIL`."""
    return _facts(row, username, _version(row), row.prompt_text) | _rest(row, _response(row))


class _Part:
    """The columns of a row that belong to something else, under their names there."""

    def __init__(self, row: Any, beginning: str) -> None:
        self._row, self._beginning = row, beginning

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._beginning + name)


def _version(row: Any) -> Any:
    return _Part(row, "version__") if row.version_id else None


def _response(row: Any) -> Any:
    return _Part(row, "response__") if row.response__id else None


def _rest(request: Any, response: Any) -> dict[str, Any]:
    return {
        "awaits_text": request.awaits_text,
        "variables": request.variables,
        "response": _answer(response) if response else None,
        "attempts": reading.present_attempts(request),
    }


def _facts(request: Any, username: str, version: Any, text: str) -> dict[str, Any]:
    return {
        "id": str(request.id),
        "user": username,
        "model": request.model,
        "prompt_type": request.prompt_type_id,
        "version_number": version.version_number if version else None,
        "template_sha256": version.template_sha256 if version else None,
        "is_sandbox": request.is_sandbox,
        "prompt_text": text,
        "purpose": request.purpose,
        "status": str(request.status),
        "created_at": time(request.created_at),
        "parameters": request.parameters,
        "metadata": request.metadata,
        "run_at": time(request.run_at),
        "replay_of": str(request.replay_of_id) if request.replay_of_id else None,
        "simulated": request.simulated,
        "attempt_count": request.attempt_count,
        "started_at": time(request.started_at),
        "finished_at": time(request.finished_at),
        "texts_erased_at": time(request.texts_erased_at),
        "error_class": request.error_class,
        "error_message": request.error_message,
    }


def _answer(response: Any) -> dict[str, Any]:
    """As `ResponseOut`."""
    return {
        "id": str(response.id),
        "response_text": response.response_text,
        "created_at": time(response.created_at),
        "duration_ms": response.duration_ms,
        "provider": response.provider,
        "model": response.model,
        "finish_reason": response.finish_reason,
        "input_tokens": response.input_tokens,
        "cached_tokens": response.cached_tokens,
        "output_tokens": response.output_tokens,
        "reasoning_tokens": response.reasoning_tokens,
        "cost": None if response.cost is None else f"{response.cost:f}",
        "provider_request_id": response.provider_request_id,
        "simulated": response.simulated,
    }


def time(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, as the serializers write it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
