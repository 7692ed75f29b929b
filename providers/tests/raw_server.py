"""A server that knows no HTTP: it keeps what it was sent and answers with bytes that a test gives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ssl import SSLContext


class RawServer:
    """`heads` are the requests up to their empty line; `gone` is set once a caller has closed its connection."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.heads: list[str] = []
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request; answer and close, or, without an answer, wait until the caller closes."""
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            self.asked.set()
            if self.answer is None:
                await reader.read()
                self.gone.set()
            else:
                writer.write(self.answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            writer.close()


@asynccontextmanager
async def raw_server(answer: bytes | None = None, tls: SSLContext | None = None) -> AsyncIterator[RawServer]:
    """Listen on 127.0.0.1 within the running loop."""
    served = RawServer(answer)
    server = await asyncio.start_server(served.accept, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
