"""Work that is done in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import active_children

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.forked import in_child


def test_what_the_child_returns_arrives() -> None:
    assert in_child(lambda: {"number": 1}) == {"number": 1}


def test_the_work_is_done_by_another_process() -> None:
    assert in_child(os.getpid) != os.getpid()


def test_what_the_child_raises_is_raised_here() -> None:
    def fail() -> None:
        raise ImproperlyConfigured("Set another name.")

    with pytest.raises(ImproperlyConfigured, match="Set another name"):
        in_child(fail)


def test_a_child_that_is_killed_is_told() -> None:
    with pytest.raises(RuntimeError, match="exit code -9"):
        in_child(lambda: os.kill(os.getpid(), 9))


def test_stopping_while_it_works_ends_the_child() -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            in_child(lambda: time.sleep(60))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert active_children() == []
