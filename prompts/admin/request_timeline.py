"""The attempts of a request as bars on one scale of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.models import PromptAttempt, PromptRequest

#: Of the drawing; the browser stretches it to the width that there is.
WIDTH = 1_000
HEIGHT = 12
NARROWEST = 4
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One entry of the timeline. `bar` repeats for the eye what `waited` and `took` say."""

    attempt: PromptAttempt
    outcome: SafeString
    started: SafeString | None
    took: str | None
    waited: str | None
    bar: SafeString


def timeline(request: PromptRequest) -> list[AttemptLine]:
    """The attempts in order, on a scale from the time that the request came to its end, or until now."""
    attempts = list(request.attempts.all())
    if not attempts:
        return []
    now = timezone.now()
    start = min(request.created_at, attempts[0].started_at)
    end = max(request.finished_at or now, *(attempt.ended_at or now for attempt in attempts))
    ends = [start, *(attempt.ended_at for attempt in attempts)]
    return [_line(attempt, before, start, end) for attempt, before in zip(attempts, ends, strict=False)]


def _line(attempt: PromptAttempt, before: datetime | None, start: datetime, end: datetime) -> AttemptLine:
    return AttemptLine(
        attempt,
        display.badge(attempt.outcome or "generating", attempt.get_outcome_display() or _("Running")),
        display.moment(attempt.started_at),
        display.between(attempt.started_at, attempt.ended_at),
        display.between(before, attempt.started_at),
        _bar(attempt, start, end),
    )


def _bar(attempt: PromptAttempt, start: datetime, end: datetime) -> SafeString:
    whole = max((end - start) // MICROSECOND, 1)
    left = (attempt.started_at - start) // MICROSECOND * WIDTH // whole
    right = ((attempt.ended_at or end) - start) // MICROSECOND * WIDTH // whole
    shape = (
        '<svg class="attempt-bar" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="whole" width="{width}" height="{height}"/>'
        '<rect class="attempt-{outcome}" x="{left}" width="{long}" height="{height}"/></svg>'
    )
    long = max(right - left, NARROWEST)
    return format_html(
        shape,
        width=WIDTH,
        height=HEIGHT,
        outcome=attempt.outcome or "running",
        left=min(left, WIDTH - NARROWEST),
        long=long,
    )
