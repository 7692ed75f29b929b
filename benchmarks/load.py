"""A keep-alive HTTP load generator that costs little enough to share two cores with what it measures."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests gave: rate a second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    statuses: dict[int, int]


def run(
    port: int,
    method: str,
    path: str,
    *,
    token: str = "",
    body: object = None,
    connections: int,
    seconds: float,
) -> Load:
    """Send the same request again and again over `connections` connections to 127.0.0.1 for `seconds`."""
    message = _message(method, path, token, b"" if body is None else json.dumps(body).encode())
    return asyncio.run(_run(port, message, connections, seconds))


def _message(method: str, path: str, token: str, body: bytes) -> bytes:
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    head += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*head, "", ""]).encode() + body


async def _run(port: int, message: bytes, connections: int, seconds: float) -> Load:
    took: list[float] = []
    statuses: dict[int, int] = {}
    started = time.perf_counter()
    deadline = started + seconds
    await asyncio.gather(*(_connection(port, message, deadline, took, statuses) for _ in range(connections)))
    elapsed = time.perf_counter() - started
    return Load(len(took) / elapsed, median(took) * 1000, quantiles(took, n=100)[98] * 1000, statuses)


async def _connection(port: int, message: bytes, deadline: float, took: list[float], statuses: dict[int, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (start := time.perf_counter()) < deadline:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - start)
        status = int(head[9:12])
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()
