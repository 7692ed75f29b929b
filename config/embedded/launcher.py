"""Starts a program that does not outlive its parent: `launcher.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT…]`.

Run as a script of its own (`python -I -S`), for two reasons: code between fork and exec is unsafe in a
process with threads, and Linux forgets the death signal when a process changes its user, so it is set after
that.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(uid: int, gid: int) -> None:
    """Give up root for good, supplementary groups included."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send `signal_number` to this process when `parent` ends (Linux; elsewhere nothing)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    parent, signal_number, uid, gid = (int(text) for text in arguments[:4])
    program = arguments[4:]
    if uid >= 0:
        become(uid, gid)
    die_with_parent(parent, signal_number)
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
