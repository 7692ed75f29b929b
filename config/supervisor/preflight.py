"""What has to be so before anything is started: one supervisor an installation, and a port to listen on."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.embedded.processes import wait_until

LEFTOVER_SECONDS = 10.0
"""Children of a killed supervisor get a TERM from the kernel and are gone after this long."""


class NotReadyToRunError(Exception):
    """The project can't be started now. The text says what to do."""


@contextmanager
def only_one(data_dir: Path) -> Iterator[bool]:
    """Hold this installation's run lock; gives whether the run before ended without cleaning up.

    Raises NotReadyToRunError when another supervisor holds it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "run.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReadyToRunError(_already_running(file, data_dir)) from error
        file.seek(0)
        was_killed = file.read() != ""
        _write(file, str(os.getpid()))
        yield was_killed
        _write(file, "")


def require_free_port(host: str, port: int, *, was_killed: bool) -> None:
    """Raise NotReadyToRunError when the web server could not listen on `host`:`port`."""
    if is_free(host, port) or (was_killed and wait_until(lambda: is_free(host, port), LEFTOVER_SECONDS)):
        return
    raise NotReadyToRunError(
        f"Port {port} on {host} is in use. Stop what listens there, or choose another: PORT={port + 1} make run"
    )


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there.

    Raises NotReadyToRunError for an address that isn't this machine's.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise NotReadyToRunError(
            f"HOST={host} is no address. Write HOST=127.0.0.1, or HOST=0.0.0.0 for all."
        ) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except PermissionError as error:
            raise NotReadyToRunError(f"Port {port} is for root only. Choose one above 1023: PORT=8000") from error
        except OSError:
            return False
    return True


def _already_running(file: IO[str], data_dir: Path) -> str:
    file.seek(0)
    return (
        f"The project is running already (process {file.read().strip() or 'unknown'}, data in {data_dir}). "
        "Stop it with Ctrl-C in its terminal, or give this one a DATA_DIR and a PORT of its own."
    )


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
