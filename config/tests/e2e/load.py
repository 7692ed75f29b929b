"""Requests that come in while a test does something to the installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.tests.e2e.installation import Installation


def ask_steadily(installation: Installation, number: int, seconds: float) -> list[int]:
    """Send `number` requests spread over `seconds`; the status of each answer."""
    answers = []
    for _ in range(number):
        answers.append(installation.ask().status_code)
        time.sleep(seconds / number)
    return answers


@contextmanager
def load(installation: Installation, number: int, seconds: float) -> Iterator[list[int]]:
    """The same beside what the test does meanwhile; the list is complete when the context ends."""
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.extend(ask_steadily(installation, number, seconds)))
    thread.start()
    try:
        yield answers
    finally:
        thread.join()
