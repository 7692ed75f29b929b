"""Work in a process of its own, whose memory is gone when it is done."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

from config.embedded import launcher

T = TypeVar("T")


def in_child(function: Callable[[], T]) -> T:
    """What `function` returns in a fork of this process; what it raises is raised here. Both must be picklable.

    For a process without further threads. The child ends with this process, also when that is killed.
    """
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(function, there))
    child.start()
    there.close()
    try:
        succeeded, outcome = here.recv()
    except EOFError as error:
        child.join()
        raise RuntimeError(f"A process ended without a word (exit code {child.exitcode})") from error
    except BaseException:
        child.terminate()
        raise
    finally:
        child.join()
    if not succeeded:
        raise outcome
    return outcome  # type: ignore[no-any-return]


def _work(function: Callable[[], T], outlet: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    launcher.die_with_parent(os.getppid(), signal.SIGKILL)
    try:
        outlet.send((True, function()))
    except BaseException as error:  # noqa: BLE001 (raised again in the parent)
        outlet.send((False, error))
