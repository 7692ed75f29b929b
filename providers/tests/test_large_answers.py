"""Vendors that send too much: the call ends early, in bounded memory, in its own class."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest

from providers.exceptions import ErrorClass, ProviderError
from providers.tests.adapters import CANARY, Adapter
from providers.tests.reply import Reply

LIMIT = 100_000
MEGABYTE = 1024 * 1024
EVENT_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


@pytest.fixture(autouse=True)
def limit(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_MAX_ANSWER_BYTES = LIMIT
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class Endless:
    """A server that sends its head, then the same piece until the caller has gone; counts what it could send."""

    def __init__(self, head: bytes, piece: bytes) -> None:
        self._head, self._piece = head, b"%x\r\n%b\r\n" % (len(piece), piece)
        self.sent = 0
        self.gone = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            writer.write(self._head)
            while True:
                writer.write(self._piece)
                await writer.drain()
                self.sent += len(self._piece)
        except ConnectionError:
            self.gone.set()
        finally:
            writer.close()

    async def fail(self, adapter: Adapter, *, streaming: bool) -> ProviderError:
        """The error of one call, once the connection is closed."""
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        provider = adapter.backend("x", api_key=CANARY, base_url=adapter.base_url.replace(adapter.stub.url, address))
        request = adapter.request(timeout=60.0)
        try:
            with pytest.raises(ProviderError) as caught:
                await (_read(provider.stream(request)) if streaming else provider.complete(request))
            await asyncio.wait_for(self.gone.wait(), 30)
        finally:
            await provider.close()
            server.close()
        return caught.value


async def _read(items: AsyncIterator[Any]) -> None:
    async for _ in items:
        pass


@both_ways
def test_an_answer_without_end_is_cut_off_soon_after_the_limit(adapter: Adapter, streaming: bool) -> None:
    async def run() -> tuple[ProviderError, int]:
        server = Endless(EVENT_STREAM, b": x\n" * 4096)
        return await server.fail(adapter, streaming=streaming), server.sent

    error, sent = asyncio.run(run())

    assert (error.error_class, error.retryable) == (ErrorClass.TOO_LARGE, False)
    assert f"The answer is larger than {LIMIT} bytes." in error.message
    # What lies in the buffers of both sides comes on top.
    assert sent < 32 * MEGABYTE


@cache
def bomb() -> bytes:
    """64 megabytes that come as less than a tenth of one."""
    return gzip.compress(b" " * (64 * MEGABYTE))


@both_ways
@pytest.mark.parametrize("status", [200, 500])
def test_a_bomb_is_never_unpacked_as_a_whole(adapter: Adapter, status: int, streaming: bool) -> None:
    assert len(bomb()) < LIMIT
    reply = Reply(status=status, body=bomb(), content_type="text/event-stream", headers={"content-encoding": "gzip"})
    adapter.complete(Reply())  # what is imported once is not the bomb's fault
    tracemalloc.start()
    try:
        error = adapter.failure(reply, streaming=streaming)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert error.error_class is ErrorClass.TOO_LARGE
    assert peak < 16 * MEGABYTE


@both_ways
def test_an_answer_by_way_of_a_proxy_has_the_same_limit(
    adapter: Adapter, streaming: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", adapter.stub.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    adapter.provider = adapter.backend(
        "x", api_key=CANARY, base_url=adapter.base_url.replace(adapter.stub.url, "http://vendor.invalid")
    )
    reply = Reply(body=b" " * (LIMIT + 1), content_type="text/event-stream")

    assert adapter.failure(reply, streaming=streaming).error_class is ErrorClass.TOO_LARGE


@both_ways
def test_a_long_answer_below_the_limit_is_whole(adapter: Adapter, streaming: bool) -> None:
    text = "x" * (LIMIT - 10_000)
    reply = Reply(text=text, chunks=2)
    answer = adapter.stream(reply)[-1] if streaming else adapter.complete(reply)

    assert answer.text == text
