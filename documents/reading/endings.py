"""What it means when a child ends without saying so."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from documents.reading.limits import Limits
from documents.reading.reasons import CRASHED, OUT_OF_MEMORY, OUT_OF_TIME, Unreadable

#: What libraries print when they are refused memory.
COMPLAINTS_OF_MEMORY = (b"bad_alloc", b"MemoryError", b"out of memory", b"Out of memory", b"Cannot allocate")
#: A crash of a process that held more than this share of what it may, was most likely one of memory.
SUSPICIOUS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended.

    `returncode` is as subprocess has it, `peak` the most memory that it was seen to hold, in bytes, and `complaints`
    the end of its stderr.
    """

    returncode: int
    peak: int
    complaints: bytes


def verdict(ending: Ending, limits: Limits) -> Unreadable:
    """The error to raise."""
    detail = f"exit {ending.returncode}, peak {ending.peak >> 20} MiB: {_last_line(ending.complaints)}"
    return Unreadable(_reason(ending, limits), detail)


def _reason(ending: Ending, limits: Limits) -> str:
    if ending.returncode == -signal.SIGXCPU:
        return OUT_OF_TIME
    died = ending.returncode < 0
    large = ending.peak > SUSPICIOUS_SHARE * limits.memory_bytes
    # SIGKILL that is not ours is the kernel's, when the machine has no memory left.
    if ending.returncode == -signal.SIGKILL or (died and large) or _complains_of_memory(ending.complaints):
        return OUT_OF_MEMORY
    return CRASHED


def _complains_of_memory(complaints: bytes) -> bool:
    return any(words in complaints for words in COMPLAINTS_OF_MEMORY)


def _last_line(complaints: bytes) -> str:
    lines = complaints.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
