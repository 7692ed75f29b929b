"""A run from its first process to its verdicts."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console

from benchmarks.soak import findings, judging, report, told
from benchmarks.soak.asking import Asker
from benchmarks.soak.caller import Caller
from benchmarks.soak.editing import Editor
from benchmarks.soak.faults import Fault, Relief, World, drawn
from benchmarks.soak.filing import Filer
from benchmarks.soak.house import House
from benchmarks.soak.journal import Journal
from benchmarks.soak.recovery import Recovery, Watch
from benchmarks.soak.sampling import Sampler
from benchmarks.soak.vendor import Vendor
from config.tests.e2e.oracle import refused

ASKERS = 4
MINUTE = 60.0
TICK_SECONDS = 0.5
#: A client may be insisting until the installation is back.
JOIN_SECONDS = 300.0
console = Console()


class Ordeal:
    """The minutes under load: one fault each, relief when it is due, processes started again."""

    def __init__(self, world: World, minutes: int, seed: int) -> None:
        self.world = world
        self.minutes = minutes
        self.faults = list(drawn(seed, minutes - 1))
        self.reliefs: list[tuple[float, Relief]] = []
        self.watches: list[Watch] = []
        self.unwanted: list[str] = []
        self.began = time.monotonic()

    def run(self) -> None:
        """A fault at the end of each minute but the last; each waits until the one before is over."""
        for number, fault in enumerate(self.faults, start=1):
            self._wait(lambda number=number: self._elapsed() >= number and self._serves())
            self._strike(fault)
        self._wait(lambda: self._elapsed() >= self.minutes and self._serves())
        self._wait(lambda: not self.reliefs and not any(watch.is_alive() for watch in self.watches))

    def recoveries(self) -> list[dict[str, Any]]:
        """One for each fault."""
        return [watch.recovery.as_dict() for watch in self.watches]

    def _elapsed(self) -> float:
        return (time.monotonic() - self.began) / MINUTE

    def _serves(self) -> bool:
        """Whether the last fault is over, or has been waited for long enough."""
        last = self.watches[-1] if self.watches else None
        return last is None or last.recovery.serving is not None or not last.is_alive()

    def _wait(self, condition: Any) -> None:
        while not condition():
            self._tend()
            time.sleep(TICK_SECONDS)

    def _tend(self) -> None:
        for unwanted in self.world.house.tend():
            console.print(f"[bold]{unwanted}")
            self.unwanted.append(unwanted)
        now = time.monotonic()
        for due, relief in [one for one in self.reliefs if one[0] <= now]:
            relief()
            self.reliefs.remove((due, relief))

    def _strike(self, fault: Fault) -> None:
        struck, relief = fault.strike(self.world)
        minute = round(self._elapsed(), 2)
        console.print(f"minute {minute:5.1f}  {fault.name}: {struck}")
        if relief is not None:
            self.reliefs.append((time.monotonic() + fault.lasts, relief))
        self.watches.append(Watch(self.world.house, Recovery(fault.name, struck, minute)))
        self.watches[-1].start()


def soak(folder: Path, *, minutes: int, seed: int) -> int:
    """The exit code; the result is shown and kept."""
    with Vendor(seed, folder / "vendor-calls") as vendor:
        house = House(folder, vendor.url)
        try:
            house.start()
            result = _result(World(house, vendor, Random(seed)), minutes, seed)
        finally:
            house.stop()
    report.RESULTS.parent.mkdir(exist_ok=True)
    report.RESULTS.write_text(json.dumps(result, indent=1))
    report.show(result)
    return int(any(verdict["good"] is False for verdict in result["verdicts"]))


def _result(world: World, minutes: int, seed: int) -> dict[str, Any]:
    journal = Journal(world.house.folder / "journal.jsonl")
    ordeal = Ordeal(world, minutes, seed)
    stop = threading.Event()
    sampler = Sampler(world.house, world.house.folder / "samples.jsonl", stop)
    sampler.start()
    with _load(world.house, journal, seed) as callers:
        ordeal.began = time.monotonic()
        ordeal.run()
    console.print("The load is over; waiting until all is done and sealed.")
    stop.set()
    sampler.join()
    drained = findings.drain(world.house)
    broken = findings.all_of(world.house, journal.entries(), world.vendor.calls())
    broken["everything comes to its end and its seal"] = [] if drained else ["not within minutes"]
    broken["no connection to a vendor outlives its calls by more than a minute"] = findings.clinging(world.house)
    broken["no process ends by itself"] = ordeal.unwanted
    broken["the clients of this program work"] = [repr(one.failure) for one in callers if one.failure]
    return _judged(world, ordeal, sampler, journal, broken) | {"minutes": minutes, "seed": seed}


def _judged(
    world: World, ordeal: Ordeal, sampler: Sampler, journal: Journal, broken: findings.Broken
) -> dict[str, Any]:
    samples, recoveries = sampler.samples(), ordeal.recoveries()
    verdicts = [
        *judging.of_rules(broken),
        *judging.of_recoveries(recoveries),
        *judging.of_memory(samples),
        *judging.of_files(samples),
        *judging.of_connections(samples),
        *judging.of_queue(samples, recoveries, ordeal.began),
        *judging.of_calls(journal.entries(), recoveries, ordeal.began),
        *judging.of_logs(samples),
    ]
    return {
        "machine": {"cores": os.cpu_count(), "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())},
        "verdicts": [verdict.as_dict() for verdict in verdicts],
        "recoveries": recoveries,
        "calls": told.counts(journal.entries()),
        "requests": world.house.sql("SELECT count(*) FROM prompt_requests")[0][0],
        "abandoned": world.house.sql("SELECT count(*) FROM prompt_attempts WHERE outcome = 'abandoned'")[0][0],
        "refused": refused(world.house),
    }


@contextmanager
def _load(house: House, journal: Journal, seed: int) -> Iterator[list[Caller]]:
    """The clients at work; all have ended when the context does."""
    stop = threading.Event()
    editor = Editor("editor", house, journal, seed, stop)
    editor.begin()
    askers = [Asker(f"asker {number}", house, journal, seed, stop) for number in range(ASKERS)]
    callers: list[Caller] = [editor, *askers, Filer("filer", house, journal, seed, stop)]
    for caller in callers:
        caller.start()
    try:
        yield callers
    finally:
        stop.set()
        for caller in callers:
            caller.join(JOIN_SECONDS)
