"""What the child may do, set by itself before it looks at the file."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

from documents.reading.limits import MEBIBYTE, Limits

PR_SET_PDEATHSIG = 1  # linux/prctl.h
#: Libraries are mapped from their files, which RLIMIT_DATA does not count.
MAPPED_FILES_BYTES = 96 * MEBIBYTE
MAX_OPEN_FILES = 64
NICENESS = 10


def confine(parent: int, limits: Limits) -> None:
    """Bound memory, CPU time and files of this process for good, and have it die with `parent`.

    It can write no file, leaves no core, and yields to what answers people.
    """
    _die_with(parent)
    data = max(limits.memory_bytes - MAPPED_FILES_BYTES, MAPPED_FILES_BYTES)
    _bound(resource.RLIMIT_DATA, data)
    _bound(resource.RLIMIT_CPU, int(limits.seconds * max(limits.threads, 1)) + 1)
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    os.nice(NICENESS)


def _bound(which: int, amount: int) -> None:
    """Lower a limit; one that is lower already stays."""
    _soft, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        amount = min(amount, hard)
    resource.setrlimit(which, (amount, amount))


def _die_with(parent: int) -> None:
    """Have the kernel end this process with the thread that started it (Linux; elsewhere nothing)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
