"""The script of a simulated call: what `parameters.simulate` may hold, for drills and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from providers.checks import Check, boolean, choice, integer, number, text
from providers.exceptions import ErrorClass

FORMS = ("fenced", "chatty", "cut")

CHECKS: dict[str, Check] = {
    "latency_ms": integer(0, 600_000),
    "error": choice(tuple(ErrorClass)),
    "retry_after": number(0, 86_400),
    "status_code": integer(100, 599),
    "fail_attempts": integer(1, 100),
    "finish_reason": choice(("stop", "length")),
    "cut_stream": boolean,
    "text": text(0, 1_000_000),
    "form": choice(FORMS),
    "leave_out": text(1, 200),
    "input_tokens": integer(0, 10_000_000),
    "output_tokens": integer(0, 10_000_000),
    "chunks": integer(1, 1000),
    "chunk_interval_ms": integer(0, 60_000),
}


@dataclass(frozen=True, slots=True)
class Script:
    """How a simulated call behaves.

    `error` and `cut_stream` hit the first `fail_attempts` attempts (all, when None); `retry_after` is in
    seconds and, like `status_code`, reported with the error; `cut_stream` ends a streaming call halfway.
    `form` wraps the answer as models do, or cuts it off; `leave_out` is a field that a structured answer lacks.
    """

    latency_ms: int = 0
    error: str = ""
    retry_after: float | None = None
    status_code: int | None = None
    fail_attempts: int | None = None
    finish_reason: str = "stop"
    cut_stream: bool = False
    text: str | None = None
    form: str = ""
    leave_out: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    chunks: int = 4
    chunk_interval_ms: int = 0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Script:
        """The script in validated `parameters`; without one, a plain good answer."""
        return cls(**parameters.get("simulate", {}))

    def fails(self, attempt: int) -> bool:
        """Whether this attempt (from 1) is one of those that go wrong."""
        return self.fail_attempts is None or attempt <= self.fail_attempts


def problem(value: Any) -> str:
    """What is wrong with the value of `simulate`; empty when nothing is."""
    if not isinstance(value, dict):
        return _("Must be an object with any of: %(names)s.") % {"names": ", ".join(CHECKS)}
    faults = (f"{name}: {fault}" for name, entry in value.items() if (fault := _fault(name, entry)))
    return " ".join(faults)


def conflict(parameters: Mapping[str, Any]) -> str:
    """What of a valid `simulate` the other options leave without effect; empty when nothing is."""
    if parameters["simulate"].get("cut_stream") and not parameters.get("stream"):
        return _('cut_stream: Without a stream nothing is cut. Add "stream": true to the parameters.')
    return ""


def _fault(name: str, value: Any) -> str:
    check = CHECKS.get(name)
    if check is None:
        return _("Unknown. Known: %(names)s.") % {"names": ", ".join(CHECKS)}
    return check(value)
