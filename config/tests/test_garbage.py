"""What piles up in a process is collected soon, however much the process has loaded."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from celery.concurrency.thread import TaskPool

from config import garbage
from config.celery import EngineStep
from prompts import engine

#: A heap as large as that of modules, then a fifth as much that comes later: too little for a full collection, usually.
COLLECTIONS = """
import gc
{prepare}
loaded = [[] for _ in range(500_000)]
gc.collect()
{settle}
before = gc.get_stats()[2]["collections"]
later = [[] for _ in range(100_000)]
print(gc.get_stats()[2]["collections"] - before)
"""


#: 100 MB in pieces of 2 kB, of which every hundredth is kept: hardly a page without a neighbour that is free.
BURST = """
import psutil
from config.garbage import give_back
def own():
    return psutil.Process().memory_info().rss // 1024
start = own()
burst = [bytes(2_000) for _ in range(50_000)]
kept = burst[::100]
del burst
before = own() - start
give_back()
print(before, own() - start)
"""
WEB = """
import config.wsgi, gc, threading
print(gc.get_freeze_count(), *sorted(thread.name for thread in threading.enumerate()))
"""
#: A web process that checks a request's options and wants to tell the workers, whose broker is away.
FIRST_CALL = """
import config.wsgi, sys
from contextlib import suppress
from django.conf import settings
from kombu.exceptions import OperationalError
from config.celery import app
from providers import registry
loaded = set(sys.modules)
for alias in settings.LLM_PROVIDERS:
    registry.check_options(alias, {})
with suppress(OperationalError):
    app.send_task("nobody.knows.it", retry=False)
print(sorted(set(sys.modules) - loaded))
"""
AGAIN = """
import threading
from config import garbage
turns, third = iter(range(3)), threading.Semaphore(0)
def give_back():
    if next(turns, None) is None:
        threading.Event().wait()
    print("given", flush=True)
    third.release()
garbage.give_back, garbage.PAUSE_SECONDS = give_back, 0.01
garbage.settle_down()
for _ in range(3):
    third.acquire()
"""


def collections(*, prepare: str = "", settle: str = "") -> int:
    """How many full ones that many later objects have caused, in a process of its own."""
    return int(said_by(COLLECTIONS.format(prepare=prepare, settle=settle)))


def said_by(program: str, **environment: str) -> str:
    """What it prints, in a process of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment).stdout


def test_without_it_a_full_collection_waits_for_a_quarter_of_what_is_loaded() -> None:
    assert collections() == 0


def test_what_is_loaded_puts_no_full_collection_off() -> None:
    prepare = "from config.garbage import spare_what_is_loaded"
    assert collections(prepare=prepare, settle="spare_what_is_loaded()") >= 1


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to give back")
def test_the_pages_of_a_burst_are_given_back_though_something_lies_behind_them() -> None:
    before, after = (int(size) for size in said_by(BURST).split())
    assert before > 80_000
    assert after < before / 4


def test_a_web_process_spares_what_it_loaded_and_has_a_thread_that_gives_back() -> None:
    spared, *threads = said_by(WEB).split()
    assert int(spared) > len(gc.get_objects()) / 10
    assert threads == ["MainThread", "memory"]


def test_a_web_process_has_loaded_what_its_first_calls_need() -> None:
    assert said_by(FIRST_CALL, CELERY_BROKER_URL="redis://127.0.0.1:1/0") == "[]\n"


def test_memory_is_given_back_again_and_again_without_keeping_the_process() -> None:
    assert said_by(AGAIN).split() == ["given"] * 3


def test_a_worker_does_the_same_once_its_engine_has_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr(engine, "start", lambda **how: started.update(how))
    worker: Any = SimpleNamespace(pool_cls=TaskPool, hostname="w1")
    EngineStep(worker).start(worker)
    assert started == {"worker_name": "w1", "once_loaded": garbage.settle_down}
