"""Growth as a table: what each call takes at each size, and how often as much as at the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.tables import number

#: A list or a single request may take so many times what it takes with the fewest rows.
MOST = 1.2
#: An index of millions is two levels deeper than one of thousands, and what belongs to the rows of a page lies farther
#: apart: for 50 rows and what is joined to them that may be so many blocks.
NOISE_BLOCKS = 200
#: A scan is named as a reason from so many blocks on, and so many of a call at most.
REASON_BLOCKS = 50
SCANS_TOLD = 3
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
    """Calls that touch more blocks, or send more statements, with the most rows than with the next fewer.

    Of a call that looks at so many rows and no more, the first sizes may lie below that: the last two tell.
    """
    before, last = _probes(sizes)[-2:] if len(sizes) > 1 else ({}, {})
    return [name for name in last if name in before and _has_grown(before[name], last[name])]


def _has_grown(few: dict[str, Any], many: dict[str, Any]) -> bool:
    return bool(many["statements"] > few["statements"]) or _is_more(few["blocks"], many["blocks"])


def _is_more(few: int, many: int) -> bool:
    return many > few * MOST and many - few > NOISE_BLOCKS


def told(sizes: Sizes, name: str) -> str:
    """What a call took, size by size, and the scans that touch more in the last one."""
    taken = [probes[name] for probes in _probes(sizes) if name in probes]
    counts = (f"{key} {' / '.join(f'{one[key]:,}' for one in taken)}" for key in ("blocks", "statements"))
    return "; ".join([", ".join(counts), *_reasons(taken[-2]["scans"], taken[-1]["scans"])])


def _reasons(few: dict[str, list[int]], many: dict[str, list[int]]) -> list[str]:
    """The scans that touch so many blocks more, the worst first."""
    more = sorted(((blocks - few.get(scan, [0])[0], scan) for scan, (blocks, _rows) in many.items()), reverse=True)
    return [_reason(scan, few.get(scan), many[scan]) for grew, scan in more[:SCANS_TOLD] if grew >= REASON_BLOCKS]


def _reason(scan: str, few: list[int] | None, many: list[int]) -> str:
    before = f"{few[0]:,}" if few else "not used"
    return f"{scan} {before} → {many[0]:,} blocks for {many[1]:,} rows"


def _probes(sizes: Sizes) -> list[dict[str, dict[str, Any]]]:
    return [size["probes"] for size in sizes.values()]


def show(run: dict[str, Any]) -> None:
    """On the terminal."""
    sizes: Sizes = run["sizes"]
    table = Table(*headings(sizes))
    for cells in rows(sizes):
        table.add_row(*cells)
    console = Console(width=180)
    console.print(table)
    for name in grown(sizes):
        console.print(f"grew: {name}: {told(sizes, name)}")
