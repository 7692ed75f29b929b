"""The load generator, against a server that answers in ways that servers do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest

from benchmarks import load

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Handler = Callable[[socket.socket], None]


@contextmanager
def serving(handle: Handler) -> Iterator[int]:
    """A port on which each connection is handled in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_accept, args=(server, handle))
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(server: socket.socket, handle: Handler) -> None:
    while True:
        try:
            connection, _address = server.accept()
        except OSError:
            return
        threading.Thread(target=handle, args=(connection,), daemon=True).start()


def answering(*parts: bytes) -> Handler:
    """Answers each request with these parts, sent one by one."""

    def handle(connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while connection.recv(65_536):
                for part in parts:
                    connection.sendall(part)

    return handle


def test_each_connection_asks_until_the_time_is_over() -> None:
    with serving(answering(OK)) as port:
        got = load.run(port, [load.message("GET", "/")], connections=3, seconds=0)
    assert got.requests == 3
    assert got.statuses == {200: 3}


def test_a_connection_that_the_server_ends_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    # A second goes by with each look at the clock.
    clock = SimpleNamespace(perf_counter=partial(next, count()), thread_time=float)
    monkeypatch.setattr(load, "time", clock)
    answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    def answer_once(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    with serving(answer_once) as port:
        got = load.run(port, [load.message("GET", "/")], connections=2, seconds=30)
    assert got.requests > 2
    assert set(got.statuses) == {200}


def test_an_answer_may_come_in_parts() -> None:
    with serving(answering(OK[:10], OK[10:-1], OK[-1:])) as port:
        got = load.run(port, [load.message("GET", "/")], connections=1, seconds=0)
    assert got.statuses == {200: 1}


def test_answers_are_counted_by_their_status() -> None:
    with serving(answering(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")) as port:
        got = load.run(port, [load.message("GET", "/")], connections=2, seconds=0)
    assert got.statuses == {503: 2}


def test_a_closed_connection_is_an_error_and_no_answer() -> None:
    with (
        serving(lambda connection: connection.close()) as port,
        pytest.raises((AssertionError, OSError)),
    ):
        load.run(port, [load.message("GET", "/")], connections=1, seconds=0)


def test_messages_are_sent_in_turn() -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        with connection:
            while text := connection.recv(65_536):
                seen.append(text.split()[1])
                connection.sendall(OK)

    with serving(handle) as port:
        load.run(port, [load.message("GET", path) for path in ("/a", "/b")], connections=2, seconds=0)
    assert sorted(seen) == [b"/a", b"/b"]


def test_a_message_carries_token_cookie_and_body_with_its_length() -> None:
    text = load.message("POST", "/x", token="t", cookie="c=1", body={"a": "é"})
    head, _, body = text.partition(b"\r\n\r\n")
    assert json.loads(body) == {"a": "é"}
    assert head.split(b"\r\n") == [
        b"POST /x HTTP/1.1",
        b"Host: localhost",
        b"Content-Type: application/json",
        f"Content-Length: {len(body)}".encode(),
        b"Authorization: Bearer t",
        b"Cookie: c=1",
    ]
