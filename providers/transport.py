"""HTTP under the vendors' SDKs: limits, timeouts, no redirects, no answer without end.

All three SDKs take an `httpx2.AsyncClient`. Ours follows no redirect (a vendor key in a header would travel
to wherever a `Location` points) and holds a thousand calls at once.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import cycle
from ssl import SSLContext
from typing import Any

import httpx2
from django.conf import settings

from providers.bounded_response import bounded

#: httpx2's pool looks at each of its connections twice a call: one of 500 costs 4 ms of processor time a call,
#: many small ones next to nothing.
POOLS = 16
POOL_LIMITS = httpx2.Limits(max_connections=128, max_keepalive_connections=128, keepalive_expiry=30)
#: A vendor that asks for more is not believed: no published limit window is longer than a day.
MAX_RETRY_AFTER = 86_400.0

RequestHook = Callable[[httpx2.Request], Awaitable[None]]


class Client(httpx2.AsyncClient):
    """A client whose connections are aiohttp's, except for those to a proxy, which stay httpx2's."""

    def _init_transport(self, *args: Any, **kwargs: Any) -> httpx2.AsyncBaseTransport:
        # It takes 0.2 s and 15 MB to import, which the web process, making no calls, should not pay.
        from providers.aiohttp_transport import AiohttpTransport

        return AiohttpTransport(ssl_context())

    def _init_proxy_transport(self, *args: Any, **kwargs: Any) -> httpx2.AsyncBaseTransport:
        one = super()._init_proxy_transport
        return SpreadTransport([one(*args, **kwargs) for _ in range(POOLS)])


class SpreadTransport(httpx2.AsyncBaseTransport):
    """Sends requests by several connection pools in turn."""

    def __init__(self, pools: Sequence[httpx2.AsyncBaseTransport]) -> None:
        self._pools = pools
        self._turns = cycle(pools)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2.AsyncBaseTransport."""
        return bounded(await next(self._turns).handle_async_request(request))

    async def aclose(self) -> None:
        """Close all pools."""
        for pool in self._pools:
            await pool.aclose()


def http_client(*hooks: RequestHook) -> httpx2.AsyncClient:
    """A client for one vendor, bound to the running loop; `hooks` see each request before it leaves."""
    return Client(
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
