"""Requests with a past, made through the services that make them in earnest."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from prompts.models import PromptRequest
from prompts.services import execution, recording
from prompts.services.execution import Result
from prompts.tests.factories import completed, failed, make_request
from providers.base import Completion, FinishReason, Usage

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def run_once(request: PromptRequest, make_result: Any, *arguments: Any, **options: Any) -> PromptRequest:
    """Claim `request`, before all others, and record the result that `make_result` makes of the claim."""
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=LONG_AGO)
    (claim,) = execution.claim(1, worker="worker@example")
    recording.record([make_result(claim, *arguments, **options)])
    return PromptRequest.objects.get(pk=request.pk)


def answered(text: str = "Hello.", user: Any = None, **values: Any) -> PromptRequest:
    """A request that was completed at its first attempt."""
    return run_once(make_request(user, **values), completed, text)


def paid(amount: str, user: Any = None, **values: Any) -> PromptRequest:
    """A completed request whose price is known."""

    def result(claim: Any) -> Result:
        usage = Usage(input_tokens=1200, cached_tokens=1000, output_tokens=80, reasoning_tokens=None)
        answer = Completion("Paid.", "gpt-5-mini", FinishReason.STOP, usage, "req_abc")
        return Result(claim, 2345, completion=answer, cost=Decimal(amount))

    return run_once(make_request(user, **values), result)


def failed_after(attempts: int, user: Any = None, **values: Any) -> PromptRequest:
    """A request that was tried `attempts` times, the last time with an error that isn't retried."""
    request = make_request(user, **values)
    for _number in range(attempts - 1):
        run_once(request, failed, "timeout")
    return run_once(request, failed, "auth", http_status=401, provider_request_id="req_401")
