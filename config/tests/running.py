"""Drives `manage.py run` as an operator does: starts it, reads what it prints, stops or kills it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

import psutil

from config.embedded.processes import wait_until

PROJECT = Path(__file__).resolve().parents[2]


class Run:
    """One `manage.py run` in a session of its own, so that the whole group can be signalled."""

    def __init__(self, environment: Mapping[str, str], *, project: Path = PROJECT, prefix: Sequence[str] = ()) -> None:
        self.environment = dict(environment)
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*prefix, sys.executable, str(project / "manage.py"), "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            cwd=project,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.kill_group()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str, seconds: float = 60) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None, seconds)
        assert text in self.output, self.output

    def wait_until_ready(self) -> None:
        self.wait_for("Ready after")

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything that it started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def child(self, argument: str) -> psutil.Process:
        """The child of the supervisor that has `argument` on its command line."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if argument in child.cmdline())

    def status(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", int(self.environment["PORT"]), timeout=10)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Signal the supervisor alone; returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def interrupt_group(self, seconds: float = 30) -> int:
        """What Ctrl-C in a terminal does; returns the supervisor's exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(seconds)

    def kill_group(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def have_ended(processes: Sequence[psutil.Process], seconds: float) -> bool:
    """Whether all of `processes` are gone, zombies included as gone, within `seconds`."""
    return wait_until(lambda: not any(_lives(process) for process in processes), seconds)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
