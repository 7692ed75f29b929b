"""What the page of one request shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.models import PromptAttempt, PromptRequest, PromptResponse
from prompts.models.prompt_request import Status

MOST_REPLAYS = 20


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One entry of the timeline."""

    attempt: PromptAttempt
    outcome: SafeString
    started: SafeString | None
    took: str | None


def page_context(request: PromptRequest, replays: QuerySet[PromptRequest]) -> dict[str, Any]:
    """Everything that the template needs beside the request; `replays` are those its reader may see."""
    response = getattr(request, "response", None)
    return {
        "prompt_request": request,
        "response": response,
        "status": display.status(request),
        "prompt": display.long_text(request.prompt_text, request_id=request.pk),
        "answer": display.long_text(response.response_text, request_id=request.pk) if response else None,
        "times": _times(request),
        "next_attempt": display.moment(request.next_attempt_at) if _is_retried(request) else None,
        "timeline": [_line(attempt) for attempt in request.attempts.all()],
        "duration": display.duration(response.duration_ms) if response else None,
        "tokens": _tokens(response) if response else [],
        "cost": display.money(response.cost) if response else None,
        "replayed": display.request_link(request.replay_of_id) if request.replay_of_id else None,
        "replays": [display.request_link(pk) for pk in replays.values_list("pk", flat=True)[:MOST_REPLAYS]],
        "parameters": display.pretty_json(request.parameters),
        "metadata": display.pretty_json(request.metadata),
    }


def _line(attempt: PromptAttempt) -> AttemptLine:
    outcome = display.badge(attempt.outcome or "generating", attempt.get_outcome_display() or _("Running"))
    took = display.between(attempt.started_at, attempt.ended_at)
    return AttemptLine(attempt, outcome, display.moment(attempt.started_at), took)


def _is_retried(request: PromptRequest) -> bool:
    """Whether it waits for another attempt after one that failed."""
    return request.status == Status.PENDING and request.attempt_count > 0


def _times(request: PromptRequest) -> list[tuple[str, SafeString | None]]:
    """Label and time of each step; None where it hasn't come."""
    deferred = [(_("Not before"), display.moment(request.run_at))] if request.run_at else []
    return [
        (_("Created"), display.moment(request.created_at)),
        *deferred,
        (_("Started"), display.moment(request.started_at)),
        (_("Finished"), display.moment(request.finished_at)),
    ]


def _tokens(response: PromptResponse) -> list[tuple[str, int | None]]:
    """Label and number of each kind of token; None where the vendor didn't say."""
    return [
        (_("input tokens"), response.input_tokens),
        (_("cached input tokens"), response.cached_tokens),
        (_("output tokens"), response.output_tokens),
        (_("reasoning tokens"), response.reasoning_tokens),
    ]
