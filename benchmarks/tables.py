"""Results as a table: on the terminal, and as Markdown for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.comparing import Change
from benchmarks.figures import Result

HEADINGS = ("measure", "median", "lowest – highest", "unit", "floor", "ratio", "aim", "CPU ms", "remarks")


def number(value: float | None) -> str:
    """Three digits that count, no more; empty for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}"


def row(result: Result) -> list[str]:
    """The cells under HEADINGS."""
    floor = f"{number(result.floor)} ({result.floor_name})" if result.floor else ""
    return [
        result.name,
        number(result.value),
        f"{number(result.lowest)} – {number(result.highest)}",
        result.unit,
        floor,
        f"{result.ratio:.2f}" if result.ratio else "",
        _aim(result),
        f"{result.cpu_ms:.2f}" if result.cpu_ms else "",
        result.remarks,
    ]


def _aim(result: Result) -> str:
    if result.aim is None:
        return ""
    sign = "≥" if result.is_more_better else "≤"
    return f"{sign} {number(result.aim)}: {'reached' if result.reached else 'NOT REACHED'}"


def show(results: Sequence[Result], changes: Mapping[str, Change]) -> None:
    """On the terminal; with a column for the changes, where there are any."""
    table = Table(*HEADINGS[:3], *(["change"] if changes else []), *HEADINGS[3:])
    for result in results:
        cells = row(result)
        change = [str(changes.get(result.name, "new"))] if changes else []
        table.add_row(*cells[:3], *change, *cells[3:])
    Console(width=200).print(table)


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars inside cells are escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
