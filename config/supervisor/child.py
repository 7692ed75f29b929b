"""One part of the project as a child process: its output, its end, its next start."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, BaseSelector

import psutil

from config.embedded.processes import tied_command
from config.supervisor.console import Console

READ_BYTES = 65536
QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 5
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
#: For glibc (mallopt(3)), where the environment says nothing else. Two arenas, not one for each thread, nothing set
#: aside for one thread alone, and no piece of 128 KiB or more among small ones: what many threads let go is there for
#: all, or goes back (decision 0029).
ALLOCATOR = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}


class ChildKeepsDyingError(Exception):
    """A child ended right after its start too many times in a row. The text is meant for the operator."""


@dataclass(frozen=True)
class ChildSpec:
    """What to run, and how many seconds it may take to stop."""

    name: str
    command: Sequence[str]
    folder: Path
    stop_seconds: float


class Child:
    """Keeps one process running. Single-threaded: `tend` is called again and again, with a monotonic time."""

    def __init__(self, spec: ChildSpec, selector: BaseSelector, console: Console) -> None:
        self.spec = spec
        self.selector = selector
        self.console = console
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at = 0.0
        self.quick_deaths = 0
        self.output = -1
        self.unfinished_line = b""

    def tend(self, now: float) -> bool:
        """Start what is due, note what has ended; whether it has just ended. Raises ChildKeepsDyingError."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start(now)
            return False
        if self.process.poll() is None:
            return False
        self._note_end(self.process.returncode, now)
        return True

    def start(self, now: float) -> None:
        """Start the process in this process group, so that Ctrl-C and a kill of the group reach it."""
        self.output, write_end = os.pipe()
        os.set_blocking(self.output, False)
        try:
            self.process = subprocess.Popen(  # noqa: S603
                tied_command(list(self.spec.command), signal.SIGTERM),
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                cwd=self.spec.folder,
                env=ALLOCATOR | os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        finally:
            os.close(write_end)
        self.started_at = now
        self.selector.register(self.output, EVENT_READ, self)

    def forward_output(self) -> bool:
        """Pass on what the process has written; False when there is no more for now."""
        try:
            data = os.read(self.output, READ_BYTES)
        except BlockingIOError:
            return False
        *lines, self.unfinished_line = (self.unfinished_line + data).split(b"\n")
        for line in lines:
            self.console.line(self.spec.name, line.decode("utf-8", errors="replace").rstrip("\r"))
        if not data and self.output in self.selector.get_map():
            self.selector.unregister(self.output)
        return bool(data)

    def has_ended(self) -> bool:
        """Whether no process runs; what it wrote last is passed on."""
        if self.process is not None and self.process.poll() is not None:
            self._close_output()
            self.process = None
        return self.process is None

    def ask_to_stop(self) -> None:
        """Send TERM: finish what is running, take nothing new."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill the process and all that it started."""
        if self.process is None or self.process.poll() is not None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        for descendant in family:
            with suppress(psutil.NoSuchProcess):
                descendant.kill()
        self.process.wait()

    def _note_end(self, code: int, now: float) -> None:
        self._close_output()
        self.process = None
        self.quick_deaths = self.quick_deaths + 1 if now - self.started_at < QUICK_DEATH_SECONDS else 1
        if self.quick_deaths >= QUICK_DEATHS_ALLOWED:
            raise ChildKeepsDyingError(
                f"{self.spec.name} ended {self.quick_deaths} times right after its start "
                f"({describe_end(code)}); its last lines above say why."
            )
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.quick_deaths - 1), LONGEST_PAUSE_SECONDS)
        self.start_again_at = now + pause
        self.console.say(f"{self.spec.name} ended ({describe_end(code)}); starting it again in {pause:g} s")

    def _close_output(self) -> None:
        while self.forward_output():
            pass
        if self.unfinished_line:
            self.console.line(self.spec.name, self.unfinished_line.decode("utf-8", errors="replace"))
            self.unfinished_line = b""
        if self.output in self.selector.get_map():
            self.selector.unregister(self.output)
        os.close(self.output)


def describe_end(code: int) -> str:
    """An exit code in words, as `Popen.returncode` gives it: negative for a signal."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
