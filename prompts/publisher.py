"""Telling the workers that there is something to do.

The message is a hint and carries nothing: the rows are the truth, and a worker that hears nothing looks
for itself every second. So a broker that is down costs a second, never a request, and never an error to
the caller: announcing only sets a flag, a thread of this process sends.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from prompts.tasks import run_due_requests

logger = logging.getLogger(__name__)

#: One message wakes a worker for whatever is due, so that many announcements need not be many messages. The first after
#: a pause goes at once; while announcements go on, the pauses grow: workers that have enough to do need no waking.
SECONDS_BETWEEN_MESSAGES = 0.02
MOST_SECONDS_BETWEEN_MESSAGES = 0.05
#: While the broker is away each send would cost its time-out.
SECONDS_AFTER_FAILURE = 5.0
MESSAGE_LIFETIME_SECONDS = 60
#: Messages that outlived that stay in a Redis list until a worker throws them away: without any worker a broker would
#: be given millions a day. So many tell any number of workers as much.
MOST_WAITING = 1000


class Publisher:
    """Sends one message for all announcements made since the last one."""

    def __init__(self) -> None:
        self._pending = threading.Event()
        self._lock = threading.Lock()
        self._pid = 0
        self._room = 0

    def announce(self) -> None:
        """Have a message sent soon. Never blocks, never fails."""
        if self._pid != os.getpid():
            self._start()
        self._pending.set()

    def _start(self) -> None:
        """A thread does not survive a fork, so each process starts its own on first use."""
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            threading.Thread(target=self._run, name="publisher", daemon=True).start()

    def _run(self) -> None:
        pause = SECONDS_BETWEEN_MESSAGES
        while True:
            pause = _next(pause, goes_on=self._pending.is_set())
            self._pending.wait()
            self._pending.clear()
            time.sleep(pause if self._send() else SECONDS_AFTER_FAILURE)

    def _send(self) -> bool:
        """Whether the next announcement may be sent soon."""
        try:
            if self._room <= 0:
                self._room = MOST_WAITING - _waiting()
            if self._room <= 0:
                return False
            run_due_requests.apply_async(retry=False, expires=MESSAGE_LIFETIME_SECONDS)
        except Exception as error:  # noqa: BLE001 (whatever the transport raises, the rows are safe and will be found)
            logger.warning("The broker took no message (%s); workers find the requests by themselves.", error)
            return False
        self._room -= 1
        return True


def _next(pause: float, *, goes_on: bool) -> float:
    """Seconds after the next message: more while announcements come during each pause."""
    return min(pause * 1.5, MOST_SECONDS_BETWEEN_MESSAGES) if goes_on else SECONDS_BETWEEN_MESSAGES


def _waiting() -> int:
    """How many messages lie in the queue; asked once for as many as it has room for."""
    app = run_due_requests.app
    with app.connection_for_write() as connection:
        channel: Any = connection.channel()
        try:
            return int(channel.queue_declare(queue=app.conf.task_default_queue, passive=True).message_count)
        except connection.channel_errors:
            return 0  # It comes to be with the first message.


_publisher = Publisher()


def announce() -> None:
    """Tell the workers that something is due. Call it on commit."""
    _publisher.announce()
