"""What processes cost: processor time and memory, each with all that they have started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psutil


def family(pid: int) -> Iterator[psutil.Process]:
    """The process and its descendants, as far as they live."""
    try:
        process = psutil.Process(pid)
        yield from [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return


def seconds(pids: Iterable[int]) -> float:
    """Processor time of these families, those of their children that have ended included."""
    return sum(_seconds(process) for pid in pids for process in family(pid))


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def megabytes(pid: int) -> float:
    """Proportional set size of the family: pages that several share are divided among them. Linux."""
    return sum(own_megabytes(process) for process in family(pid))


def own_megabytes(process: psutil.Process) -> float:
    """Of one process; 0 once it has ended."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0
