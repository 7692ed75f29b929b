"""One vendor call: from a claim to a result, whatever happens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from decimal import Decimal

from prompts.partials import Growing
from prompts.services.execution import Claim, Failure, Result
from providers import pricing, registry
from providers.base import Chunk, Completion, CompletionRequest, Provider
from providers.exceptions import ConfigurationError, ErrorClass, ProviderError

logger = logging.getLogger(__name__)


async def attempt(claim: Claim) -> Result:
    """Make the call that `claim` stands for. Never raises but CancelledError."""
    started = time.monotonic()
    try:
        completion = await _within_deadline(claim)
    except ProviderError as error:
        duration_ms, cost = _milliseconds(started), _cost(claim, error.completion)
        return Result(claim, duration_ms, failure=_failure(error), completion=error.completion, cost=cost)
    except ConfigurationError as error:
        return Result(claim, _milliseconds(started), failure=Failure("configuration", str(error)))
    except Exception:
        logger.exception("Request %s: attempt %d broke an adapter.", claim.request_id, claim.attempt)
        return Result(
            claim,
            _milliseconds(started),
            failure=Failure("internal", "An internal error; see the worker's log."),
        )
    return Result(claim, _milliseconds(started), completion=completion, cost=_cost(claim, completion))


async def _within_deadline(claim: Claim) -> Completion:
    try:
        async with asyncio.timeout(claim.deadline):
            return await _call(claim)
    except TimeoutError as error:
        raise ProviderError(ErrorClass.TIMEOUT, f"No complete answer within {claim.deadline:g} seconds.") from error


async def _call(claim: Claim) -> Completion:
    provider = registry.get(claim.provider)
    request = CompletionRequest(
        model=claim.model.partition("/")[2],
        prompt=claim.prompt_text,
        parameters=claim.parameters,
        timeout=claim.deadline,
        attempt=claim.attempt,
        request_id=str(claim.request_id),
    )
    if _streams(claim, provider):
        growing = Growing(claim.request_id, claim.token) if claim.is_sandbox else None
        return await _last(provider.stream(request), growing)
    return await provider.complete(request)


def _streams(claim: Claim, provider: Provider) -> bool:
    """Whether the answer is asked for piece by piece; of a try-out it is wherever that is possible and not refused."""
    by_itself = claim.is_sandbox and "stream" in provider.supported_options
    return bool(claim.parameters.get("stream", by_itself))


async def _last(stream: AsyncIterator[Chunk | Completion], growing: Growing | None) -> Completion:
    """The terminal marker of a stream. Without one the stream was cut, however much text came.

    What comes before is shown as `growing`, if somebody waits for it, and is no answer.
    """
    async for item in stream:
        if isinstance(item, Completion):
            return item
        if growing is not None:
            growing.add(item.text)
    raise ProviderError(ErrorClass.STREAM_TRUNCATED, "The stream ended before the answer was complete.")


def _cost(claim: Claim, completion: Completion | None) -> Decimal | None:
    """The price of what the vendor wrote, also of what its filter cut."""
    if completion is None:
        return None
    return pricing.price(registry.get(claim.provider), completion.model, completion.usage)


def _failure(error: ProviderError) -> Failure:
    return Failure(
        str(error.error_class),
        error.message,
        retry_after=error.retry_after,
        http_status=error.status_code,
        provider_request_id=error.request_id,
    )


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
