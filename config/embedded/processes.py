"""Starting, finding and ending the processes of the embedded servers."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from config.embedded import launcher
from config.embedded.accounts import Account

LAUNCHER = Path(launcher.__file__).resolve()


def tied_command(command: list[str], death_signal: signal.Signals, account: Account | None = None) -> list[str]:
    """`command` wrapped so that it runs as `account` and gets `death_signal` when this process ends.

    The kernel watches the *thread* that starts it: call from one that lives as long as the server shall.
    """
    uid, gid = (-1, -1) if account is None else (account.uid, account.gid)
    prefix = [
        sys.executable,
        "-I",
        "-S",
        str(LAUNCHER),
        str(os.getpid()),
        str(int(death_signal)),
        str(uid),
        str(gid),
    ]
    return prefix + command


def plain_environment() -> dict[str, str]:
    """What a server needs of the environment: no key or password of ours is in it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def start(command: list[str], log_file: Path) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own, where the terminal's Ctrl-C doesn't reach it."""
    with open(log_file, "ab", opener=_open_private) as log:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=plain_environment(),
            process_group=0,
        )


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def running_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes called `name` whose working directory is `folder`.

    Both servers change into their data directory, so this finds them, and all their children, for sure, where
    a process id in a file may meanwhile be somebody else's.
    """
    target = str(folder.resolve())
    return [process for process in psutil.process_iter() if _matches(process, target, name)]


def _matches(process: psutil.Process, folder: str, name: str) -> bool:
    try:
        return bool(process.name() == name and process.cwd() == folder)
    except (psutil.Error, OSError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def end(process: subprocess.Popen[bytes], signals: list[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn, with its patience in seconds, until the process has ended."""
    for number, patience in signals:
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


def kill_all(processes: list[psutil.Process]) -> None:
    """Kill `processes` and wait until they are gone."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=5)


@contextmanager
def exclusive(lock_file: Path) -> Iterator[None]:
    """Hold `lock_file` alone; others wait. The kernel frees it however the holder ends."""
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
