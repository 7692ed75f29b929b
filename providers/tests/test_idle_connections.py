"""A connection that is kept for the next call."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from providers import transport


def test_what_comes_on_an_idle_connection_is_no_answer_to_the_next_call() -> None:
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nasked")
        writer.close()

    async def run() -> list[str]:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, transport.http_client() as client:
            answers = [(await client.post(address)).text]
            writers[0].write(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nunasked")
            # What was written lies at the other end by now; each turn of the loop reads what is there.
            for _turn in range(10):
                await asyncio.sleep(0)
            return [*answers, *[(await client.post(address)).text for _ in range(2)]]

    assert asyncio.run(run()) == ["asked"] * 3
    assert len(writers) == 2
