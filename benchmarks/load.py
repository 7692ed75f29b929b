"""A keep-alive HTTP load generator that costs little enough to share two cores with what it measures.

Plain sockets and epoll, a third of what asyncio takes; most of the rest is the kernel sending over the loopback.
"""

from __future__ import annotations

import json
import re
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median, quantiles

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
#: The server ends the connection after this answer.
LAST = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
#: A server that is silent for so many seconds is taken for hung.
PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests gave: rate a second, latencies in milliseconds, and what the generator itself took."""

    requests: int
    per_second: float
    p50: float
    p99: float
    statuses: dict[int, int]
    #: Of one core.
    own_share: float


@dataclass(slots=True)
class _Connection:
    port: int
    socket: socket.socket = field(init=False)
    since: float = 0.0
    received: bytes = b""
    #: Of the whole answer; 0 until its head is here.
    expected: int = 0
    is_last: bool = False

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """To 127.0.0.1."""
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@dataclass(slots=True)
class _Tally:
    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def message(method: str, path: str, *, token: str = "", cookie: str = "", body: object = None) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    head += [f"Authorization: Bearer {token}"] if token else []
    head += [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join([*head, "", ""]).encode() + content


def run(port: int, messages: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Send the messages in turn, over and over, over `connections` connections to 127.0.0.1 for `seconds`."""
    opened = [_Connection(port) for _ in range(connections)]
    try:
        return _run(opened, messages, seconds)
    finally:
        for connection in opened:
            connection.socket.close()


def _run(opened: list[_Connection], messages: Sequence[bytes], seconds: float) -> Load:
    poll, upcoming, tally = select.epoll(), cycle(messages), _Tally()
    by_number: dict[int, _Connection] = {}
    cost, started = time.thread_time(), time.perf_counter()
    deadline = started + seconds

    def ask(connection: _Connection) -> None:
        number = connection.socket.fileno()
        if number not in by_number:
            by_number[number] = connection
            poll.register(number, select.EPOLLIN)
        _send(connection, next(upcoming))

    for connection in opened:
        ask(connection)
    while by_number:
        ready = poll.poll(PATIENCE)
        assert ready, f"No answer within {PATIENCE} s"
        for number, _event in ready:
            connection = by_number[number]
            if not _receive(connection, tally):
                continue
            is_over = time.perf_counter() >= deadline
            if is_over or connection.is_last:
                poll.unregister(number)
                del by_number[number]
            if is_over:
                continue
            if connection.is_last:
                connection.socket.close()
                connection.open()
            ask(connection)
    elapsed = time.perf_counter() - started
    return _load(tally, elapsed, (time.thread_time() - cost) / elapsed)


def _send(connection: _Connection, text: bytes) -> None:
    connection.received, connection.expected = b"", 0
    connection.since = time.perf_counter()
    connection.socket.sendall(text)


def _receive(connection: _Connection, tally: _Tally) -> bool:
    """Take what has come; whether the answer is complete."""
    part = connection.socket.recv(262_144)
    assert part, "The server closed the connection"
    received = connection.received = connection.received + part if connection.received else part
    if not connection.expected:
        head = received.find(HEAD_END)
        if head < 0:
            return False
        length = LENGTH.search(received, 0, head)
        assert length, received[:head]
        connection.expected = head + len(HEAD_END) + int(length[1])
        connection.is_last = bool(LAST.search(received, 0, head + 2))
    if len(received) < connection.expected:
        return False
    tally.took.append(time.perf_counter() - connection.since)
    tally.statuses[int(received[9:12])] += 1
    return True


def _load(tally: _Tally, elapsed: float, own_share: float) -> Load:
    took = tally.took
    p99 = quantiles(took, n=100)[98] if len(took) > 1 else took[0]
    return Load(
        len(took), len(took) / elapsed, median(took) * 1000, p99 * 1000, dict(tally.statuses), round(own_share, 3)
    )
