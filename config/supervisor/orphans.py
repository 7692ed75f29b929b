"""What a killed child leaves running: granian's processes outlive their parent and would keep the port."""

from __future__ import annotations

import ctypes
import sys

import psutil

from config.embedded.processes import kill_all

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def adopt_orphans() -> None:
    """Have the kernel give this process the children of its children when those die (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_orphans(known: set[int]) -> None:
    """Kill every child of this process, with all its own, whose process id is not in `known`."""
    orphans = [child for child in psutil.Process().children() if child.pid not in known]
    families = [member for orphan in orphans for member in (orphan, *orphan.children(recursive=True))]
    kill_all(families)
