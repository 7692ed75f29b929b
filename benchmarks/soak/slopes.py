"""How fast memory grows, as a robust slope. Pure.

A process is looked at through the floor of each minute, so that a burst of work that comes and goes is no growth, and
from some minutes after its start, when everything that it loads once is loaded. The slope of a role is the median of
the slopes between all pairs of floors of the same life (Theil and Sen), of all lives that were long enough: long lives
give more pairs and so count for more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Any

from benchmarks.soak.roles import READER

#: Threads start one after another, each with a connection and its buffers, and Celery remembers a thousand tasks.
WARM_UP_SECONDS = 300.0
#: A life that was looked at for less says nothing: five megabytes an hour would be less than a piece of the allocator.
LEAST_SECONDS = 480.0
#: Closer pairs measure the grain of the allocator.
LEAST_APART_SECONDS = 120.0
MINUTE, HOUR, MEGABYTE = 60.0, 3600.0, 1024 * 1024

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """Of a role: units an hour, the largest rise of a life in units, how long the longest was looked at."""

    per_hour: float
    rise: float
    longest_minutes: float
    lives: int


def lives(samples: Iterable[dict[str, Any]], what: str = "own") -> dict[str, list[list[Point]]]:
    """By role: for each process the points (seconds since its start, bytes). Readers of documents live too shortly."""
    found: dict[tuple[str, int, float], list[Point]] = defaultdict(list)
    for sample in samples:
        for one in sample["processes"]:
            if one["role"] != READER:
                key = (one["role"], one["pid"], one["started"])
                found[key].append((sample["clock"] - one["started"], one[what]))
    by_role: dict[str, list[list[Point]]] = defaultdict(list)
    for (role, *_identity), points in found.items():
        by_role[role].append(points)
    return dict(by_role)


def floors(points: Sequence[Point]) -> list[Point]:
    """The lowest value of each minute, from the end of the warm-up on, at the middle of its minute."""
    minutes: dict[int, float] = {}
    for at, value in points:
        if at >= WARM_UP_SECONDS:
            minute = int((at - WARM_UP_SECONDS) // MINUTE)
            minutes[minute] = min(value, minutes.get(minute, value))
    return [(WARM_UP_SECONDS + (minute + 0.5) * MINUTE, value) for minute, value in sorted(minutes.items())]


def growth(role: Iterable[Sequence[Point]], unit: float = MEGABYTE) -> Growth | None:
    """Of all lives of a role, in units of so much; None where none was long enough."""
    floored = [floors(points) for points in role]
    long_enough = [points for points in floored if points and points[-1][0] - points[0][0] >= LEAST_SECONDS]
    slopes = [slope for points in long_enough for slope in _slopes(points)]
    if not slopes:
        return None
    rises = [points[-1][1] - points[0][1] for points in long_enough]
    longest = max(points[-1][0] - points[0][0] for points in long_enough)
    return Growth(
        round(median(slopes) * HOUR / unit, 2),
        round(max(rises) / unit, 2),
        round(longest / MINUTE, 1),
        len(long_enough),
    )


def _slopes(points: Sequence[Point]) -> list[float]:
    pairs = combinations(points, 2)
    return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if b[0] - a[0] >= LEAST_APART_SECONDS]
