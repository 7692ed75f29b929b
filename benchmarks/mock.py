"""A vendor that costs next to nothing: OpenAI's wire format, one answer, after a fixed time.

As a script it listens on 127.0.0.1 until its standard input ends: `python -m benchmarks.mock MILLISECONDS`, prints
its port, and at last the most calls that it had in hand at a time.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.tests.running import PROJECT

ANSWER = json.dumps(
    {
        "id": "chatcmpl-mock",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A fixed answer of about ten tokens.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 25, "completion_tokens": 10, "total_tokens": 35},
    }
).encode()
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER


class _Vendor(asyncio.Protocol):
    """One connection; answers each request that has come as a whole."""

    latency = 0.0
    in_hand = most = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = self.received[:head].lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        end = head + 4 + int(length or 0)
        if len(self.received) >= end:
            self.received = self.received[end:]
            _Vendor.in_hand += 1
            _Vendor.most = max(_Vendor.most, _Vendor.in_hand)
            asyncio.get_running_loop().call_later(self.latency, self.answer)

    def answer(self) -> None:
        _Vendor.in_hand -= 1
        self.transport.write(REPLY)


@dataclass(slots=True)
class Vendor:
    """One that runs; `most` is known once it has ended."""

    url: str
    most: int = 0


@contextmanager
def running(milliseconds: int) -> Iterator[Vendor]:
    """Such a vendor in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.mock", str(milliseconds)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        vendor = Vendor(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        try:
            yield vendor
        finally:
            process.stdin.close()
            vendor.most = int(process.stdout.readline())


async def _serve(milliseconds: int) -> None:
    _Vendor.latency = milliseconds / 1000
    server = await asyncio.get_running_loop().create_server(_Vendor, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(_Vendor.most, flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
