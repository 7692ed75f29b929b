"""HTTP under the vendors' SDKs: limits, timeouts, no redirects.

All three SDKs take an `httpx2.AsyncClient`. Ours follows no redirect (a vendor key in a header would travel
to wherever a `Location` points) and holds a thousand calls at once.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import cycle
from ssl import SSLContext
from typing import Any

import httpx2
from django.conf import settings

#: A pool looks at each of its connections twice a call: one of 500 costs 4 ms of processor time a call,
#: many small ones next to nothing.
POOLS = 16
POOL_LIMITS = httpx2.Limits(max_connections=128, max_keepalive_connections=128, keepalive_expiry=30)
#: A vendor that asks for more is not believed: no published limit window is longer than a day.
MAX_RETRY_AFTER = 86_400.0

RequestHook = Callable[[httpx2.Request], Awaitable[None]]


class PooledClient(httpx2.AsyncClient):
    """A client that spreads its calls over several clients' connection pools in turn.

    This one only builds requests; the others send them, by their own event hooks and proxies.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._senders = [httpx2.AsyncClient(**options) for _ in range(POOLS)]
        self._turns = cycle(self._senders)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send by the client whose turn it is; see httpx2.AsyncClient.send."""
        return await next(self._turns).send(request, **options)

    async def aclose(self) -> None:
        """Close all pools."""
        for sender in self._senders:
            await sender.aclose()
        await super().aclose()


def http_client(*hooks: RequestHook) -> httpx2.AsyncClient:
    """A client for one vendor, bound to the running loop; `hooks` see each request before it leaves."""
    return PooledClient(
        follow_redirects=False,
        limits=POOL_LIMITS,
        timeout=httpx2.Timeout(settings.LLM_CHUNK_TIMEOUT, connect=settings.LLM_CONNECT_TIMEOUT),
        event_hooks={"request": list(hooks)},
        verify=ssl_context(),
    )


@cache
def ssl_context() -> SSLContext:
    """The process' trusted certificates; reading them takes longer than all else about a client."""
    return httpx2.create_ssl_context()


def call_timeout(seconds: float) -> httpx2.Timeout:
    """For an answer in one piece, which may stay silent for the whole call."""
    return httpx2.Timeout(seconds, connect=min(settings.LLM_CONNECT_TIMEOUT, seconds))


def stream_timeout(seconds: float) -> httpx2.Timeout:
    """For a stream: `LLM_CHUNK_TIMEOUT` between two pieces, at most the whole call's seconds."""
    return httpx2.Timeout(
        seconds,
        connect=min(settings.LLM_CONNECT_TIMEOUT, seconds),
        read=min(settings.LLM_CHUNK_TIMEOUT, seconds),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from `retry-after-ms` (OpenAI) or `Retry-After`, number or date (RFC 9110, 10.2.3)."""
    milliseconds = bounded_seconds(headers.get("retry-after-ms"), 0.001)
    if milliseconds is not None:
        return milliseconds
    value = headers.get("retry-after")
    seconds = bounded_seconds(value)
    return _until(value) if seconds is None and value else seconds


def bounded_seconds(value: str | None, unit: float = 1.0) -> float | None:
    """A vendor's number as seconds from 0 to `MAX_RETRY_AFTER`; None for what is no sensible number."""
    try:
        seconds = float(value or "") * unit
    except ValueError:
        return None
    return min(seconds, MAX_RETRY_AFTER) if math.isfinite(seconds) and seconds >= 0 else None


def _until(date: str) -> float | None:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    # A date without a zone ("-0000") is meant as UTC.
    remaining = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(remaining.total_seconds(), 0.0), MAX_RETRY_AFTER)
