"""Where a change comes from: the interface, the caller's address and the correlation id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

API = "api"
ADMIN = "admin"
COMMAND = "command"
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Origin:
    """`channel` is one of the names above; `address` is an IP address, empty where there is none."""

    channel: str = COMMAND
    address: str = ""
    correlation_id: str = ""


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)
_of_process = Origin()


def current() -> Origin:
    """Where the code that runs now was called from; a command, unless somebody said otherwise."""
    return _current.get() or _of_process


def set_channel_of_process(channel: str) -> None:
    """Have what nobody said the origin of come from `channel`, in every thread of this process."""
    global _of_process
    _of_process = Origin(channel)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Have every entry that is appended inside tell this origin."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
