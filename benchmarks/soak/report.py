"""The result: a table for the terminal, JSON for programs, Markdown for the docs.

python -m benchmarks.soak.report [FILE]   prints the Markdown of a run that was kept
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(".data/soak.json")
WORDS = {True: "kept", False: "BROKEN", None: "not known"}


def show(result: dict[str, Any]) -> None:
    """The table of verdicts, worst last, and what was done."""
    table = Table("what", "found", "limit", "", "remarks")
    for verdict in sorted(result["verdicts"], key=lambda one: one["good"] is False):
        what, value, limit, good, remarks = verdict.values()
        table.add_row(what, value, limit, WORDS[good], remarks)
    console = Console(width=170)
    console.print(table)
    console.print(*_summary(result), sep="\n")


def markdown(result: dict[str, Any]) -> str:
    """What docs/operations.md shows of a run."""
    faults = [one for one in result["verdicts"] if one["what"].startswith("recovery: ")]
    others = [one for one in result["verdicts"] if one["limit"] != "0" and one not in faults]
    rules = [one for one in result["verdicts"] if one["limit"] == "0"]
    kept = sum(one["good"] for one in rules)
    lines = [
        *(f"{line}  " for line in _summary(result)),
        f"Rules asked of the data: {len(rules)}, kept: {kept}.",
        *(
            f"BROKEN: {one['what']} ({one['value']}): {one['remarks']}"
            for one in result["verdicts"]
            if one["good"] is False
        ),
        "",
        *_table(("fault", "slowest recovery", "limit", "times"), (_of_fault(one) for one in faults)),
        "",
        *_table(("what", "found", "limit", "remarks"), (_of_other(one) for one in others)),
    ]
    return "\n".join(lines)


def _of_fault(verdict: dict[str, Any]) -> tuple[str, ...]:
    name = verdict["what"].removeprefix("recovery: ")
    return name, verdict["value"], verdict["limit"], verdict["remarks"].removesuffix(" times")


def _of_other(verdict: dict[str, Any]) -> tuple[str, ...]:
    return tuple(verdict[name] for name in ("what", "value", "limit", "remarks"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _line(head)
    yield _line(("---",) * len(head))
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _summary(result: dict[str, Any]) -> Iterator[str]:
    machine = result["machine"]
    yield (
        f"{result['minutes']} minutes with seed {result['seed']} on {machine['cores']} cores, {machine['at']}: "
        f"{len(result['recoveries'])} faults, {sum(one['calls'] for one in result['calls'].values())} calls, "
        f"{result['requests']} requests, {result['abandoned']} calls abandoned, "
        f"{result['refused']} late results refused."
    )
    doings = (f"{do} {one['calls']} ({one['outage']})" for do, one in result["calls"].items())
    yield f"Calls (of them lost in an outage): {', '.join(doings)}."


if __name__ == "__main__":
    print(markdown(json.loads(Path(sys.argv[1] if sys.argv[1:] else RESULTS).read_text("utf-8"))))
