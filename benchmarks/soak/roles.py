"""Which process of the installation does what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psutil

from benchmarks.soak.house import SECOND, SUPERVISOR, House
from config.embedded.postgres import DATABASE

WEB, WEB_PROCESS, WORKER, SCHEDULER = "web", "web process", "worker", "scheduler"
READER, POSTGRES, BACKEND, VALKEY = "reader", "postgres", "backend", "valkey"
#: What a child of the supervisor has on its command line.
MARKS = {"granian": WEB, "worker": WORKER, "beat": SCHEDULER}
SERVERS = {"postgres": POSTGRES, "valkey-server": VALKEY}
#: What its children are; others are helpers that nobody looks at.
BELOW = {WEB: WEB_PROCESS, WORKER: READER, POSTGRES: BACKEND}
HELPER = "resource_tracker"


def processes(house: House) -> list[tuple[str, psutil.Process]]:
    """Every process of the installation with its role; what ends meanwhile is left out."""
    return [*_below_supervisor(house), *_below_second(house)]


def of(house: House, role: str) -> list[psutil.Process]:
    """Those of one role, the oldest first."""
    return sorted((one for name, one in processes(house) if name == role), key=lambda one: one.pid)


def connections_to(port: int | None, process: psutil.Process) -> int:
    """Of a process to a port of this machine, in use or kept. Raises psutil.Error."""
    return sum(bool(one.raddr) and one.raddr.port == port for one in process.net_connections("tcp"))


def _below_supervisor(house: House) -> Iterator[tuple[str, psutil.Process]]:
    family = house.family()
    if not family:
        return
    yield SUPERVISOR, family[0]
    with suppress(psutil.NoSuchProcess):
        for child in family[0].children():
            yield from _child(child)


def _child(child: psutil.Process) -> Iterator[tuple[str, psutil.Process]]:
    with suppress(psutil.NoSuchProcess):
        role = SERVERS.get(child.name()) or role_of(child.cmdline())
        if role:
            yield role, child
            yield from _grandchildren(role, child)


def role_of(command: list[str]) -> str:
    """The role that a command line shows; empty where it shows none."""
    return next((role for mark, role in MARKS.items() if mark in command), "")


def _grandchildren(role: str, child: psutil.Process) -> Iterator[tuple[str, psutil.Process]]:
    for below in child.children() if role in BELOW else ():
        with suppress(psutil.NoSuchProcess):
            if not is_helper(role, " ".join(below.cmdline())):
                yield BELOW[role], below


def is_helper(role: str, command: str) -> bool:
    """Whether this child of a process of the role serves nobody: of PostgreSQL, what has no client."""
    return f" {DATABASE} " not in command if role == POSTGRES else HELPER in command


def _below_second(house: House) -> Iterator[tuple[str, psutil.Process]]:
    process = house.started.get(SECOND)
    if process is not None and process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(process.pid)
            yield WORKER, found
            yield from _grandchildren(WORKER, found)
