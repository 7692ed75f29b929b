"""Growth as a table: what each call takes at each size, and how often as much as at the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.tables import number

#: A list or a single request may take so many times what it takes with the fewest rows.
MOST = 1.2
#: Smaller differences than so many milliseconds are the machine's.
NOISE_MS = 2.0
MANY_ROWS = 200
Sizes = dict[str, dict[str, Any]]


def headings(sizes: Sizes) -> list[str]:
    """One column a size."""
    first = f"{int(next(iter(sizes))):,}"
    later = [f"{int(size):,} (× {first})" for size in list(sizes)[1:]]
    return ["call", f"{first}: ms", *later, "processor ms", "blocks", "statements", "peak MB"]


def rows(sizes: Sizes) -> Iterator[list[str]]:
    """The cells of each call, those that the biggest size has."""
    names = next(reversed(sizes.values()))["probes"]
    yield from (_row(name, [size["probes"].get(name) for size in sizes.values()]) for name in names)


def _row(name: str, taken: list[dict[str, Any] | None]) -> list[str]:
    known = [one for one in taken if one is not None]
    first = known[0]
    times = [_times(first["ms"], one) for one in taken[1:]]
    counts = (" / ".join(_cell(one, key) for one in taken) for key in ("cpu_ms", "blocks", "statements"))
    return [name, _cell(taken[0], "ms"), *times, *counts, _weights(taken)]


def _weights(taken: list[dict[str, Any] | None]) -> str:
    """Empty for calls whose memory was not taken."""
    cells = [_cell(one, "peak_mb") for one in taken]
    return "" if set(cells) == {"–"} else " / ".join(cells)


def _cell(taken: dict[str, Any] | None, key: str) -> str:
    value = taken.get(key) if taken else None
    return "–" if value is None else number(float(value))


def _times(first: float, taken: dict[str, Any] | None) -> str:
    if taken is None:
        return "–"
    return f"{number(taken['ms'])} ({taken['ms'] / first:.1f})"


def grown(sizes: Sizes) -> list[str]:
    """Calls whose processor time rose by more than MOST from the first size to the last."""
    first, last = next(iter(sizes.values()))["probes"], next(reversed(sizes.values()))["probes"]
    both = ((name, first[name]["cpu_ms"], last[name]["cpu_ms"]) for name in last if name in first)
    return [name for name, few, many in both if many > few * MOST and many - few > NOISE_MS]


def told(taken: dict[str, Any]) -> str:
    """How it read many rows; of scans that stopped after a page nothing is to be told."""
    many = [scan for scan in taken["scans"] if int(scan.rpartition("(")[2].partition(" ")[0]) >= MANY_ROWS]
    return "; ".join(many) or "no scan of many rows"


def show(run: dict[str, Any]) -> None:
    """On the terminal."""
    sizes: Sizes = run["sizes"]
    table = Table(*headings(sizes))
    for cells in rows(sizes):
        table.add_row(*cells)
    console = Console(width=180)
    console.print(table)
    for name in grown(sizes):
        console.print(f"grew: {name}: {told(_last(sizes)[name])}")


def _last(sizes: Sizes) -> dict[str, dict[str, Any]]:
    probes: dict[str, dict[str, Any]] = next(reversed(sizes.values()))["probes"]
    return probes
