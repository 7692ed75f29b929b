"""Drives `manage.py run` as an operator does: starts it, reads what it prints, stops or kills it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, Self

import psutil

from config.embedded.processes import wait_until
from config.supervisor.preflight import is_free

PROJECT = Path(__file__).resolve().parents[2]
#: Below the ports that the kernel gives to outgoing connections, and apart from those of the next process.
_PORTS = count(20000 + os.getpid() * 101 % 10000)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    return next(port for port in _PORTS if is_free("127.0.0.1", port))


def make_folder() -> Path:
    """A folder that the servers' account can reach, with a name short enough for sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="aipm-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def make_environment(data_dir: Path) -> dict[str, str]:
    """What `manage.py run` is told: its data, a port of its own, and nothing of the tests' environment."""
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "PORT": str(free_port()),
        "WEB_WORKERS": "1",
    }


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A management command in a second shell, run to its end."""
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


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
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

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
        """Return once it has printed `text`; fail when it ends, or `seconds` pass, without."""
        wait_until(lambda: text in self.output or not self.reader.is_alive(), seconds)
        assert text in self.output, self.output

    def wait_until_ready(self) -> None:
        self.wait_for("Ready after", seconds=120)

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything that it started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def child(self, argument: str) -> psutil.Process:
        """The child of the supervisor that has `argument` on its command line."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if argument in _attribute(child, "cmdline", []))

    def servers(self) -> list[psutil.Process]:
        """The main processes of PostgreSQL and Valkey."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if _attribute(child, "name", "") in {"postgres", "valkey-server"}]

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
    return process.is_running() and _attribute(process, "status", psutil.STATUS_ZOMBIE) != psutil.STATUS_ZOMBIE


def users_of(processes: Sequence[psutil.Process]) -> set[int]:
    """The effective user ids of those that still live; a server's helpers come and go."""
    ids = [_attribute(process, "uids", None) for process in processes]
    return {found.effective for found in ids if found is not None}


def _attribute(process: psutil.Process, name: str, otherwise: Any) -> Any:
    """What a process tells of itself, or `otherwise` where it has ended since it was found."""
    try:
        return getattr(process, name)()
    except psutil.NoSuchProcess:
        return otherwise


def signal_family(pid: int, number: signal.Signals) -> None:
    """Signal a process and all that it has started, its own first; those that end meanwhile need it no more."""
    leader = psutil.Process(pid)
    for member in [leader, *leader.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            member.send_signal(number)
