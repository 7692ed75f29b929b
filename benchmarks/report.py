"""Writes the results of runs into docs/benchmarks.md, between its markers.

`python -m benchmarks.report FILE…`: files of `make bench` and of `make growth`, in any order; a marker whose results
are in none of them stays as it is.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Result
from benchmarks.growth import tables as growth
from benchmarks.tables import HEADINGS, markdown, number, row

PAGE = Path("docs/benchmarks.md")
BLOCK = "<!-- {name} -->\n{text}\n<!-- /{name} -->"
MACHINE = (
    "{at}, commit `{commit}`: {cpu}, {cores} cores, {memory_gb} GB, {system}, Python {python}, "
    "PostgreSQL {postgresql}; load average at that time {load}."
)


def main(files: list[str]) -> None:
    """Raises OSError and ValueError for files that are none of ours."""
    parts: dict[str, str] = {}
    for file in files:
        parts |= blocks(json.loads(Path(file).read_text()))
    PAGE.write_text(filled(PAGE.read_text(), parts))


def blocks(run: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a run by the names of their markers."""
    if "sizes" in run:
        return _growth(run)
    results = [Result.from_dict(values) for values in run["results"]]
    text = f"{_machine(run)} Median of {run['repeats']} rounds.\n\n{markdown(HEADINGS, map(row, results))}"
    return {"migrating" if results[0].name.startswith("migrate") else "bench": text}


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The page with each part between its markers. Raises ValueError where it has no such markers."""
    for name, text in parts.items():
        pattern = re.compile(f"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
        before = pattern.search(page)
        if not before:
            raise ValueError(f"{PAGE} has no place for {name}.")
        page = page.replace(before[0], BLOCK.format(name=name, text=text))
    return page


def _machine(run: Mapping[str, Any]) -> str:
    return MACHINE.format(**run["machine"])


def _growth(run: Mapping[str, Any]) -> dict[str, str]:
    sizes = run["sizes"]
    table = markdown(growth.headings(sizes), growth.rows(sizes))
    grew = [f"- {name}: {growth.told(sizes, name)}" for name in growth.grown(sizes)]
    found = "\n".join(grew) or "Nothing."
    return {"filling": f"{_machine(run)}\n\n{_filling(sizes)}", "growth": table, "grown": found}


def _filling(sizes: Mapping[str, Any]) -> str:
    rows = (
        [
            f"{int(size):,}",
            f"{values['filled']['rows']:,}",
            number(values["filled"]["seconds"]),
            ", ".join(f"{name} {seconds} s" for name, seconds in values["filled"]["steps"].items()),
            f"{values['bytes'] / 2**30:.1f}",
        ]
        for size, values in sizes.items()
    )
    return markdown(["requests", "added", "seconds", "of them", "GB"], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
