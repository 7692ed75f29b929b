"""A stand-in for the vendors: one HTTP/1.1 server, on 127.0.0.1 unless told, that speaks all three wire formats.

    with VendorStub() as stub:
        stub.script("gpt-test", [Reply(status=503), Reply(text="second time lucky")])
        ... point a provider at stub.openai_url, stub.anthropic_url or stub.gemini_url ...
        assert len(stub.calls) == 2

It runs in a thread of the test process, so worker processes can call it too, and takes hundreds of
connections at once. A model without a script, or whose script has run out, gets `default`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from providers.tests import wire
from providers.tests.reply import Reply

__all__ = ["Call", "Reply", "VendorStub"]

GEMINI_PATH = re.compile(r"/v1beta/models/(?P<model>[^:]+):(?P<method>\w+)")
MAX_CONNECTIONS = 2048


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the vendor saw it; header names are in lower case."""

    vendor: str
    model: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    streaming: bool


class VendorStub:
    """The server; a context manager. `calls` lists what came in, `in_flight` what is being answered.

    `connections` counts those that were ever opened.

    With `numbered=True` every answer has a request id of its own, so that answers can be told apart.
    """

    def __init__(self, default: Reply | None = None, *, numbered: bool = False, host: str = "127.0.0.1") -> None:
        self.default = default or Reply()
        self.host = host
        self.numbered = numbered
        self.calls: list[Call] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self._scripts: dict[str, deque[Reply]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name="vendor-stub", daemon=True)
        self._listening = Event()
        self._connections: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.port = 0

    def script(self, model: str, replies: Iterable[Reply]) -> None:
        """Answer the next calls of this model with these replies, one each."""
        self._scripts[model] = deque(replies)

    def calls_of(self, model: str) -> list[Call]:
        """The calls that named this model."""
        return [call for call in self.calls if call.model == model]

    @property
    def url(self) -> str:
        """The server's root."""
        return f"http://{self.host}:{self.port}"

    @property
    def openai_url(self) -> str:
        """What OPENAI_BASE_URL would hold."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """What ANTHROPIC_BASE_URL would hold."""
        return self.url

    @property
    def gemini_url(self) -> str:
        """What GOOGLE_GEMINI_BASE_URL would hold."""
        return self.url

    def __enter__(self) -> VendorStub:
        self._thread.start()
        assert self._listening.wait(10), "the stub did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._accept, self.host, 0, backlog=MAX_CONNECTIONS)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for task in self._connections:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._connections, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.connections += 1
        try:
            while await self._serve(reader, writer):
                pass
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            return  # The client, or the test, has gone.
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection stays open."""
        call = parsed(*await _read(reader))
        self.calls.append(call)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            return await self._answer(call, self._next_reply(call), writer)
        finally:
            self.in_flight -= 1

    def _next_reply(self, call: Call) -> Reply:
        if not call.vendor:
            return Reply(status=404, body={"error": {"message": f"The stub knows no {call.path}."}})
        script = self._scripts.get(call.model)
        reply = script.popleft() if script else self.default
        return wire.with_request_id(call.vendor, reply, f"req_{len(self.calls)}") if self.numbered else reply

    async def _answer(self, call: Call, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(reply.latency)
        if reply.drop_after == 0:
            writer.transport.abort()
            return False
        if call.streaming and reply.status == 200 and reply.body is None:
            return await _send_stream(call, reply, writer)
        writer.write(wire.whole_answer(call.vendor, call.model, reply))
        await writer.drain()
        return True


async def _send_stream(call: Call, reply: Reply, writer: asyncio.StreamWriter) -> bool:
    writer.write(wire.stream_head(call.vendor, reply))
    for position, event in enumerate(wire.events(call.vendor, call.model, reply), start=1):
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        await writer.drain()
        if position == reply.drop_after:
            writer.transport.abort()
            return False
        await asyncio.sleep(reply.chunk_interval)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _read(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return head[0].split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", 0)))


def parsed(target: str, headers: dict[str, str], payload: bytes) -> Call:
    """The call that a request makes: which vendor's, for which model, streaming or not."""
    url = urlsplit(target)
    body = json.loads(payload or b"{}")
    if match := GEMINI_PATH.fullmatch(url.path):
        streaming = match["method"] == "streamGenerateContent" and parse_qs(url.query).get("alt") == ["sse"]
        return Call("gemini", match["model"], target, headers, body, streaming)
    vendor = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic"}.get(url.path, "")
    return Call(vendor, body.get("model", ""), target, headers, body, body.get("stream") is True)
