"""Processes that read or activate versions of `text` without pause, each read judged by an oracle.

    python -m config.tests.e2e.racing

A line on standard input names a board and what is to be done, by processes forked from this one, which has imported
everything. `BOARD read NUMBER [MODE]` starts that many readers; each adds a line of JSON to BOARD.results once the
board says stop. `BOARD activate FIRST LAST` activates these versions; with `die` behind it each activating process is
killed when it has committed and is about to take the old version out of Redis. Every line is answered by one: 0 when
all went well. The board is a file of shared memory: which activations have begun and which have returned.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

TYPE = "text"
SLOTS = 4
STOP, BEGUN, RETURNED, READY = range(SLOTS)


class Board:
    """Numbers of eight bytes that several processes share; each is written by one of them only, bar `READY`."""

    def __init__(self, path: Path) -> None:
        self.results = path.with_suffix(".results")
        if not path.exists():
            path.write_bytes(bytes(8 * SLOTS))
        with path.open("r+b") as file:
            self._numbers = memoryview(mmap.mmap(file.fileno(), 8 * SLOTS)).cast("Q")

    def __getitem__(self, slot: int) -> int:
        return self._numbers[slot]

    def __setitem__(self, slot: int, number: int) -> None:
        self._numbers[slot] = number

    def report(self, result: dict[str, Any]) -> None:
        """Add a line to the results; short enough to be written at once."""
        with self.results.open("a") as file:
            file.write(json.dumps(result) + "\n")

    def reported(self) -> list[dict[str, Any]]:
        """The results of the readers that have stopped."""
        return [json.loads(line) for line in self.results.read_text().splitlines()] if self.results.exists() else []


def template_of(number: int) -> str:
    return f"Version {number} of {{{{input}}}}"


def judge(board: Board, read: Callable[[], tuple[int, str]]) -> str:
    """Read once: what is wrong with it, or nothing."""
    oldest = board[RETURNED]
    number, template = read()
    newest = board[BEGUN]
    if not oldest <= number <= newest:
        return f"read {number} where {oldest} to {newest} were possible"
    return "" if template == template_of(number) else f"{number} has another template"


def watch(board: Board, read: Callable[[], tuple[int, str]]) -> dict[str, Any]:
    """Read until the board says stop: how often, how long the longest took, and the first that were wrong."""
    reads, slowest, wrong = 0, 0.0, []
    while not board[STOP]:
        started = time.monotonic()
        if problem := judge(board, read):
            wrong.append(problem)
        slowest = max(slowest, time.monotonic() - started)
        reads += 1
    return {"reads": reads, "slowest": slowest, "stale": len(wrong), "examples": wrong[:3]}


def read_here() -> tuple[int, str]:
    from prompts.services import active

    version = active.read(TYPE)
    return version.version_number, version.template


def change(mode: str) -> None:
    """Slow the filling of Redis down, or break what the oracle must then find missing."""
    from prompts import active_cache

    store = active_cache.put

    def put_late(version: Any) -> None:
        time.sleep(random.uniform(0, 0.02))
        store(version)

    if mode in {"slow", "slow-trusting-redis"}:
        active_cache.put = put_late
    if mode == "without-stamp":
        active_cache.get = lambda prompt_type, stamp: active_cache._kept.get(prompt_type)
    if mode in {"trusting-redis", "slow-trusting-redis"}:
        active_cache.get = lambda prompt_type, stamp: active_cache._shared(prompt_type)


def run_readers(board: Board, number: str, mode: str = "") -> None:
    change(mode)
    for _ in range(int(number)):
        if os.fork() == 0:
            read_here()
            board[READY] = board[READY] + 1
            board.report(watch(board, read_here))
            os._exit(0)


def activate(board: Board, number: int) -> None:
    from django.contrib.auth import get_user_model

    from prompts.services import lifecycle

    board[BEGUN] = number
    done = lifecycle.activate_version(TYPE, number, actor=get_user_model().objects.get())
    assert done.changed
    board[RETURNED] = number


def activate_and_die(board: Board, number: int) -> None:
    """In a child; when it is dead, its activation is committed all the same."""
    from prompts import active_cache

    pid = os.fork()
    if pid == 0:
        active_cache.forget = lambda prompt_type: os.kill(os.getpid(), signal.SIGKILL)
        activate(board, number)
        os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "The process outlived its commit."
    board[RETURNED] = number


def run_activations(board: Board, first: str, last: str, how: str = "") -> None:
    switch = activate_and_die if how == "die" else activate
    for number in range(int(first), int(last) + 1):
        switch(board, number)


ACTIONS: dict[str, Callable[..., None]] = {"read": run_readers, "activate": run_activations}


def carry_out(path: str, action: str, *arguments: str) -> None:
    ACTIONS[action](Board(Path(path)), *arguments)


def main() -> None:
    django.setup()
    import prompts.services.lifecycle  # noqa: F401

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            carry_out(*line.split())
            os._exit(0)
        _pid, status = os.waitpid(pid, 0)
        print(status, flush=True)


if __name__ == "__main__":
    main()
