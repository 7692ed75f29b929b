"""Measuring one call of the product in this process: time, processor time, statements, blocks and plans."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.db import DatabaseError, connection, transaction

#: Each call is made once, which doesn't count, and then so often.
TIMES = 5
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


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
    #: That PostgreSQL touched in plain reads, of 8 kB each.
    blocks: int = 0
    scans: list[str] = field(default_factory=list)
    peak_mb: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def take(probe: Probe) -> Taken:
    """Measure it."""
    taken = Taken(first=_call(probe)[0])
    times = [_call(probe) for _ in range(TIMES)]
    taken.ms, taken.cpu_ms = median(wall for wall, _cpu in times), median(cpu for _wall, cpu in times)
    plans = _Plans(taken, explained=probe.explained)
    if probe.before:
        probe.before()
    with connection.execute_wrapper(plans):
        probe.call()
    if probe.weighed:
        taken.peak_mb = _weight(probe)
    return taken


def _weight(probe: Probe) -> float:
    """Megabytes that Python holds at most because of the call."""
    tracemalloc.start()
    try:
        probe.call()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def _call(probe: Probe) -> tuple[float, float]:
    """Milliseconds by the clock, and of processor time here and in the database's process."""
    if probe.before:
        probe.before()
    database = _database_seconds()
    started, cpu = time.perf_counter(), time.process_time()
    probe.call()
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    return took * 1000, (cpu + _database_seconds() - database) * 1000


def _database_seconds() -> float:
    """Processor time of the process that serves this connection, to the nanosecond (Linux)."""
    connection.ensure_connection()
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9


class _Plans:
    """Counts statements and has reads explained; a wrapper of Django's `execute`."""

    def __init__(self, taken: Taken, *, explained: bool) -> None:
        self.taken = taken
        self.explained = explained
        self._is_explaining = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._is_explaining:
            return execute(sql, params, many, context)
        self.taken.statements += 1
        if self.explained and not many and sql.split(maxsplit=1)[0].upper() in {"SELECT", "WITH"}:
            with self._explaining():
                self._explain(sql, params)
        return execute(sql, params, many, context)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        self._is_explaining = True
        try:
            yield
        finally:
            self._is_explaining = False

    def _explain(self, sql: str, params: Any) -> None:
        """What writes is planned only; what PostgreSQL refuses to explain is left out."""
        options = "FORMAT JSON" if WRITES.search(sql) else "ANALYZE, BUFFERS, FORMAT JSON"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ({options}) {sql}", params)
                ((answer,),) = cursor.fetchall()
        except DatabaseError:
            return
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        self.taken.blocks += plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        self.taken.scans += [scan for scan in _scans(plan) if scan not in self.taken.scans]


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    """How each table is read, the rows that it gave or is thought to give included."""
    if "Relation Name" in plan or "Index Name" in plan:
        what = plan.get("Index Name") or plan["Relation Name"]
        yield f"{plan['Node Type']} {what} ({plan.get('Actual Rows', plan['Plan Rows']):.0f} rows)"
    for part in plan.get("Plans", ()):
        yield from _scans(part)
