"""Measuring one call of the product in this process: time, processor time, statements, blocks and plans."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from benchmarks.growth.blocks import touched
from benchmarks.growth.plans import Plans, Scans

#: Each call is made once, which doesn't count, and then so often.
TIMES = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """Something to call. `before` prepares each call and is not measured.

    `explained` has PostgreSQL tell its plans in one more call: not where that would change what the call does.
    `weighed` has the memory taken that Python needs at most, in another one.
    """

    name: str
    call: Callable[[], object]
    before: Callable[[], object] | None = None
    explained: bool = True
    weighed: bool = False


@dataclass(slots=True)
class Taken:
    """What a call took: milliseconds of the first and of the others, processor time of both processes included."""

    first: float = 0.0
    ms: float = 0.0
    cpu_ms: float = 0.0
    statements: int = 0
    #: That PostgreSQL touched, of 8 kB each.
    blocks: int = 0
    #: In plain reads that could be explained.
    scans: Scans = field(default_factory=dict)
    peak_mb: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def take(probe: Probe) -> Taken:
    """Measure it."""
    taken = Taken(first=_call(probe).ms)
    calls = [_call(probe) for _ in range(TIMES)]
    taken.ms, taken.cpu_ms = median(call.ms for call in calls), median(call.cpu_ms for call in calls)
    plans = _plans(probe)
    taken.statements, taken.scans = plans.statements, plans.scans
    # The helpers of a parallel plan count blocks for themselves; the plan knows of theirs.
    taken.blocks = max(int(median(call.blocks for call in calls)), plans.blocks)
    if probe.weighed:
        taken.peak_mb = _weight(probe)
    return taken


def _plans(probe: Probe) -> Plans:
    plans = Plans(explained=probe.explained)
    if probe.before:
        probe.before()
    with connection.execute_wrapper(plans):
        probe.call()
    return plans


def _weight(probe: Probe) -> float:
    """Megabytes that Python holds at most because of the call."""
    tracemalloc.start()
    try:
        probe.call()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


class _Call(NamedTuple):
    """Milliseconds by the clock, and of processor time here and in the database's process; blocks of the latter."""

    ms: float
    cpu_ms: float
    blocks: int


def _call(probe: Probe) -> _Call:
    if probe.before:
        probe.before()
    blocks, database = touched(), _database_seconds()
    started, cpu = time.perf_counter(), time.process_time()
    probe.call()
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    cpu += _database_seconds() - database
    return _Call(took * 1000, cpu * 1000, touched() - blocks)


def _database_seconds() -> float:
    """Processor time of the process that serves this connection, to the nanosecond (Linux)."""
    connection.ensure_connection()
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
