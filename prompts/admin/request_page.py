"""What the page of one request shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.models import PromptAttempt, PromptRequest, PromptResponse


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One entry of the timeline."""

    attempt: PromptAttempt
    outcome: SafeString
    took: str | None


def page_context(request: PromptRequest | None) -> dict[str, Any]:
    """Everything that the template needs beside the request, without another query."""
    if request is None:
        return {}
    response = getattr(request, "response", None)
    return {
        "prompt_request": request,
        "response": response,
        "status": display.status(request),
        "timeline": [_line(attempt) for attempt in request.attempts.all()],
        "duration": display.duration(response.duration_ms) if response else None,
        "tokens": _tokens(response) if response else [],
        "cost": display.money(response.cost) if response else None,
        "replayed": display.request_link(request.replay_of_id) if request.replay_of_id else None,
        "parameters": display.pretty_json(request.parameters),
        "metadata": display.pretty_json(request.metadata),
    }


def _line(attempt: PromptAttempt) -> AttemptLine:
    outcome = display.badge(attempt.outcome or "generating", attempt.get_outcome_display() or _("Running"))
    return AttemptLine(attempt, outcome, display.between(attempt.started_at, attempt.ended_at))


def _tokens(response: PromptResponse) -> list[tuple[str, int | None]]:
    """Label and number of each kind of token; None where the vendor didn't say."""
    return [
        (_("input tokens"), response.input_tokens),
        (_("cached input tokens"), response.cached_tokens),
        (_("output tokens"), response.output_tokens),
        (_("reasoning tokens"), response.reasoning_tokens),
    ]
