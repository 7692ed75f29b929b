"""What the embedded PostgreSQL and Valkey have in common: one an installation, found again by anyone."""

from __future__ import annotations

import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

from config.embedded import directories, processes
from config.embedded.accounts import server_account
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths

START_SECONDS = 120
"""Replaying the write-ahead log after a crash can take this long."""
LOG_TAIL_CHARACTERS = 2000


class EmbeddedServer(ABC):
    """A server that lives while its starter does; one that was running before is used and left running.

    Use as a context manager, or call `start` and `stop`. Start from a thread that lives as long as the
    server.
    """

    name: ClassVar[str]
    process_name: ClassVar[str]
    death_signal: ClassVar[signal.Signals]
    stop_signals: ClassVar[list[tuple[signal.Signals, float]]]

    def __init__(self, paths: EmbeddedPaths) -> None:
        self.paths = paths
        self.account = server_account()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log_file(self) -> Path:
        """What the server writes."""
        return self.paths.base / f"{self.name}.log"

    @property
    @abstractmethod
    def working_dir(self) -> Path:
        """The folder that the server changes into."""

    @property
    @abstractmethod
    def socket_dir(self) -> Path:
        """The folder of its socket, closed to everybody else."""

    @abstractmethod
    def is_healthy(self) -> bool:
        """Whether it answers on its socket."""

    @abstractmethod
    def clear_leftovers(self) -> None:
        """Remove what a killed server left; called when nothing of it runs any more."""

    @abstractmethod
    def initialise(self) -> None:
        """Make or check what the server needs before it starts."""

    @abstractmethod
    def command(self) -> list[str]:
        """Program and arguments."""

    @abstractmethod
    def complete(self) -> None:
        """Make what a server that answers still lacks."""

    def start(self) -> None:
        """Return when the server answers: this one's, or one that ran before. Raises EmbeddedServerError."""
        if self.process is not None and self.process.poll() is not None:
            self.process = None
        directories.prepare(self.paths, self.account)
        with processes.exclusive(self.paths.base / f"{self.name}.lock"):
            if not self._find_running():
                self._start_new()
            self.complete()

    def stop(self) -> None:
        """Stop the server if this object started it; return when it is gone."""
        if self.process is not None:
            processes.end(self.process, self.stop_signals)
            self.process = None

    def is_running(self) -> bool:
        """Whether its process lives, or, where it is not ours, whether it answers."""
        return self.is_healthy() if self.process is None else self.process.poll() is None

    def _find_running(self) -> bool:
        """Whether one answers.

        One that starts up or shuts down is waited for; what a killed one left is removed.
        """
        if self.is_healthy():
            return True
        leftovers = processes.running_in(self.working_dir, self.process_name)
        if leftovers:
            patience = START_SECONDS if self.main_process_lives() else 5
            processes.wait_until(lambda: self.is_healthy() or not self._others(), patience)
            if self.is_healthy():
                return True
            processes.kill_all(self._others())
        self.clear_leftovers()
        return False

    def main_process_lives(self) -> bool:
        """Whether what runs is more than the orphans of a killed server."""
        return False

    def _others(self) -> list[psutil.Process]:
        return processes.running_in(self.working_dir, self.process_name)

    def _start_new(self) -> None:
        directories.make_private(self.socket_dir, self.account)
        self.initialise()
        command = processes.tied_command(self.command(), self.death_signal, self.account)
        process = self.process = processes.start(command, self.log_file)
        processes.wait_until(lambda: process.poll() is not None or self.is_healthy(), START_SECONDS)
        if process.poll() is not None or not self.is_healthy():
            self.stop()
            raise EmbeddedServerError(f"The embedded {self.name} server does not start:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return self.log_file.read_text("utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:].strip()
