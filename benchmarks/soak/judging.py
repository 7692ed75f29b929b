"""Whether a run was good. Pure: what was measured in, verdicts out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.soak.journal import Entry
from benchmarks.soak.recovery import LIMIT_SECONDS, MAX_DUE_SECONDS, NOBODY
from benchmarks.soak.roles import BACKEND, POSTGRES, VALKEY
from benchmarks.soak.slopes import HOUR, MEGABYTE, growth, lives

MAX_MEGABYTES_AN_HOUR = 5.0
#: CPython and malloc take memory in pieces of this size: one piece more is no growth.
PIECE_MEGABYTES = 1.0
#: PostgreSQL keeps files of tables open up to a limit of its own.
SERVERS_OWN = (POSTGRES, BACKEND)
#: Those of Valkey are connections of its clients, which come back one by one after its start and are judged there.
CLIENTS_OWN = (VALKEY,)
#: Of one process; the usual limit of a shell is 1024.
MAX_FILES = 400
MAX_FILES_GROWTH = 20
#: So many more in a life are no growth.
FEW_FILES = 5
#: docs/operations.md: threads of the web processes, four for each worker, ten for the rest.
MAX_CONNECTIONS = 2 * 16 + 2 * 4 + 10
MAX_LOG_MEGABYTES_AN_HOUR = 20.0
#: The clients' connections, which a fault may have cut, are new again by then.
SETTLED_SECONDS = 15.0
#: From this status on.
SERVER_ERROR = 500
#: A fault is written down when it has struck, which takes seconds where it strikes everything.
STRIKE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`good` is None where the run was too short to tell."""

    what: str
    value: str
    limit: str
    good: bool | None
    remarks: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def of_rules(broken: dict[str, list[str]]) -> list[Verdict]:
    """One for each rule, with the first examples of what breaks it."""
    return [
        Verdict(rule, str(len(examples)), "0", not examples, "; ".join(examples[:3])[:500])
        for rule, examples in broken.items()
    ]


def of_recoveries(recoveries: Iterable[dict[str, Any]]) -> list[Verdict]:
    """One for each kind of fault, from the slowest of its recoveries."""
    by_fault: dict[str, list[dict[str, Any]]] = {}
    for one in recoveries:
        by_fault.setdefault(one["fault"], []).append(one)
    return [_of_fault(name, ones) for name, ones in sorted(by_fault.items())]


def _of_fault(name: str, all_of_them: Sequence[dict[str, Any]]) -> Verdict:
    """A fault that found nobody to strike has shown nothing."""
    ones = [one for one in all_of_them if one["struck"] != NOBODY]
    if not ones:
        return Verdict(f"recovery: {name}", "not known", f"{LIMIT_SECONDS:.0f} s", None, "0 times")
    serving, whole = _slowest(ones, "serving"), _slowest(ones, "whole")
    good = all(found is not None and found <= LIMIT_SECONDS for found in (serving, whole))
    value = f"{_seconds(serving)} serving, {_seconds(whole)} whole"
    return Verdict(f"recovery: {name}", value, f"{LIMIT_SECONDS:.0f} s", good, f"{len(ones)} times")


def _slowest(ones: Sequence[dict[str, Any]], what: str) -> float | None:
    found = [one[what] for one in ones]
    return None if None in found else max(found)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def of_memory(samples: Sequence[dict[str, Any]]) -> list[Verdict]:
    """One for each role that lives on."""
    return [_of_role(role, ones) for role, ones in sorted(lives(samples).items())]


def _of_role(role: str, ones: Any) -> Verdict:
    found, limit = growth(ones), f"{MAX_MEGABYTES_AN_HOUR:.0f} MB/h"
    if found is None:
        return Verdict(f"memory: {role}", "not known", limit, None, "no life was long enough")
    good = found.per_hour < MAX_MEGABYTES_AN_HOUR or found.rise <= PIECE_MEGABYTES
    remarks = f"{found.lives} lives, the longest judged for {found.longest_minutes} min; at most +{found.rise} MB"
    return Verdict(f"memory: {role}", f"{found.per_hour:+.2f} MB/h", limit, good, remarks)


def of_files(samples: Sequence[dict[str, Any]]) -> list[Verdict]:
    """Open files of one process at most, and by how many their floor rises during a life.

    The rise leaves connections to vendors out, of which there are as many as calls in hand.
    """
    looks = [one for sample in samples for one in sample["processes"] if one["role"] not in SERVERS_OWN]
    most = max((one["files"] for one in looks), default=0)
    grown = [
        growth(ones, 1)
        for role, ones in lives(samples, "lasting_files").items()
        if role not in SERVERS_OWN + CLIENTS_OWN
    ]
    rising = [found for found in grown if found and found.rise > FEW_FILES]
    worst = max((round(found.per_hour) for found in rising), default=0)
    value = f"{most} at most, {worst:+d} an hour"
    limit = f"{MAX_FILES}, +{MAX_FILES_GROWTH} an hour"
    return [Verdict("open files of a process", value, limit, most <= MAX_FILES and worst <= MAX_FILES_GROWTH)]


def of_connections(samples: Sequence[dict[str, Any]]) -> list[Verdict]:
    """Connections to PostgreSQL of everything but this program."""
    most = int(max((sample["connections"] or 0 for sample in samples), default=0))
    return [Verdict("connections to PostgreSQL", str(most), str(MAX_CONNECTIONS), most <= MAX_CONNECTIONS)]


def of_queue(samples: Sequence[dict[str, Any]], recoveries: Iterable[dict[str, Any]], began: float) -> list[Verdict]:
    """The age of the oldest due request while nothing was broken; `began` is the start of the run on their clock."""
    broken = [(began + one["minute"] * 60, one["serving"] or HOUR) for one in recoveries]
    calm = [sample for sample in samples if not any(at <= sample["at"] <= at + long for at, long in broken)]
    oldest = max((sample["oldest_due"] or 0.0 for sample in calm), default=0.0)
    ever = max((sample["oldest_due"] or 0.0 for sample in samples), default=0.0)
    remarks = f"{ever:.1f} s while something was broken"
    return [
        Verdict("oldest due request", f"{oldest:.1f} s", f"{MAX_DUE_SECONDS:.0f} s", oldest <= MAX_DUE_SECONDS, remarks)
    ]


def of_calls(entries: Iterable[Entry], recoveries: Sequence[dict[str, Any]], began: float) -> list[Verdict]:
    """Calls that lay within a time in which nothing was broken: each has an answer, and none is the server's fault."""
    times = list(_calm(recoveries, began))
    judged = [one for one in entries if any(since <= one["begun"] and one["ended"] <= until for since, until in times)]
    lost = [one for one in judged if one["status"] == 0 or one["status"] >= SERVER_ERROR]
    examples = "; ".join(f"{one['do']} at {one['begun'] - began:.0f} s: {one['status']}" for one in lost[:3])
    value = f"{len(judged) - len(lost):,} of {len(judged):,}"
    good = not lost if judged else None
    return [Verdict("calls answered while nothing is broken", value, "all", good, examples)]


def _calm(recoveries: Sequence[dict[str, Any]], began: float) -> Iterator[tuple[float, float]]:
    """From when a fault is over to the next one. One that nothing recovered from is over when the next one is."""
    since: float | None = began
    for one in recoveries:
        struck = began + one["minute"] * 60
        if since is not None:
            yield since, struck - STRIKE_SECONDS
        since = None if one["serving"] is None else struck + one["serving"] + SETTLED_SECONDS
    if since is not None:
        yield since, math.inf


def of_logs(samples: Sequence[dict[str, Any]]) -> list[Verdict]:
    """Megabytes an hour that are written to files."""
    if len(samples) < 2:
        return []
    written = (samples[-1]["log_bytes"] - samples[0]["log_bytes"]) / MEGABYTE
    an_hour = written * HOUR / (samples[-1]["at"] - samples[0]["at"])
    limit = f"{MAX_LOG_MEGABYTES_AN_HOUR:.0f} MB/h"
    return [Verdict("logs", f"{an_hour:.1f} MB/h", limit, an_hour <= MAX_LOG_MEGABYTES_AN_HOUR, f"{written:.1f} MB")]
