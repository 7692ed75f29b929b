"""Answers as they are being generated, kept for minutes in Redis for the page of whoever waits for one.

A partial is never an answer: it is thrown away when the call ends, and what is recorded comes from the vendor's end
of the stream alone. Without Redis there are none.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from functools import partial
from uuid import UUID

import redis

from prompts.quiet_redis import QuietRedis

logger = logging.getLogger(__name__)

KEY = "ai:partial:{}"
#: Those of workers that were killed go by themselves.
LIFETIME_SECONDS = 120
#: Each answer is written so often at most, whatever the speed of its stream.
SECONDS_BETWEEN_WRITES = 0.25
#: What grows beyond isn't shown before it is whole.
MOST_CHARACTERS = 100_000
MOST_BYTES = 4 * MOST_CHARACTERS + 32


class Growing:
    """The text so far of the call that holds the lease `token` of a request. Adding to it never blocks."""

    def __init__(self, request_id: UUID, token: int) -> None:
        self.request_id = request_id
        self._token = token
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        """The next piece of the stream."""
        if self._length >= MOST_CHARACTERS:
            return
        self._pieces.append(piece)
        self._length += len(piece)
        _writer.put(self.request_id, self)

    def __bytes__(self) -> bytes:
        text = "".join(self._pieces)[:MOST_CHARACTERS]
        return f"{self._token}\n{text}".encode(errors="replace")


def read(request_id: UUID, token: int) -> str:
    """The text so far of the call that holds this lease; empty where nothing is known of it."""
    content = _redis.ask(lambda client: client.getrange(KEY.format(request_id), 0, MOST_BYTES))
    written, _, text = (content or b"").partition(b"\n")
    return text.decode(errors="ignore") if written == b"%d" % token else ""


def forget(request_id: UUID) -> None:
    """Throw the text of a call away that has ended. Never blocks."""
    _writer.put(request_id, None)


class _Writer:
    """Writes what has changed from a thread of its own, so that the loop with the vendors' calls never waits."""

    def __init__(self) -> None:
        self._changed = threading.Event()
        self._lock = threading.Lock()
        self._waiting: dict[UUID, Growing | None] = {}
        self._pid = 0

    def put(self, request_id: UUID, growing: Growing | None) -> None:
        with self._lock:
            self._waiting[request_id] = growing
            if self._pid != os.getpid():
                self._start()
        self._changed.set()

    def _start(self) -> None:
        """A thread does not survive a fork, so each process starts its own on first use."""
        self._pid = os.getpid()
        threading.Thread(target=self._run, name="partials", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._changed.wait()
            self._changed.clear()
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            self._send(waiting)
            time.sleep(SECONDS_BETWEEN_WRITES)

    def _send(self, waiting: dict[UUID, Growing | None]) -> None:
        try:
            _redis.ask(partial(_write, waiting=waiting))
        except Exception:
            # Without this thread nothing would grow any more, until the worker is started again.
            logger.exception("Answers that grow can't be shown.")


def _write(client: redis.Redis, waiting: dict[UUID, Growing | None]) -> None:
    with client.pipeline(transaction=False) as pipeline:
        for request_id, growing in waiting.items():
            if growing is None:
                pipeline.delete(KEY.format(request_id))
            else:
                pipeline.set(KEY.format(request_id), bytes(growing), ex=LIFETIME_SECONDS)
        pipeline.execute()


_redis = QuietRedis("answers are shown when they are whole")
_writer = _Writer()
