"""Requests that come in while a test does something to the installation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from config.tests.e2e.installation import Installation


def ask_steadily(installation: Installation, answers: list[int], a_second: float, enough: threading.Event) -> None:
    """Send so many requests `a_second` until there are `enough`; the status of each answer goes to `answers`."""
    while not enough.wait(1 / a_second):
        answers.append(installation.ask().status_code)


@contextmanager
def load(installation: Installation, a_second: float) -> Iterator[list[int]]:
    """Requests beside what the test does meanwhile; the list of their answers is complete when the context ends."""
    answers: list[int] = []
    enough = threading.Event()
    thread = threading.Thread(target=ask_steadily, args=(installation, answers, a_second, enough))
    thread.start()
    try:
        yield answers
    finally:
        enough.set()
        thread.join()
