"""A run as a file: the machine, when, and the results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Result
from benchmarks.machine import Machine


@dataclass(frozen=True, slots=True)
class Run:
    """What `make bench` writes."""

    machine: Machine
    repeats: int
    results: Sequence[Result]

    def save(self, path: Path) -> None:
        """As JSON. What an earlier run of other measures left there is overwritten."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content: dict[str, Any] = {"machine": self.machine, "repeats": self.repeats}
        path.write_text(json.dumps(content | {"results": [result.as_dict() for result in self.results]}, indent=1))

    @classmethod
    def load(cls, path: Path) -> Run:
        """Raises OSError, and KeyError or ValueError for a file of another shape."""
        content = json.loads(path.read_text())
        return cls(content["machine"], content["repeats"], [Result.from_dict(row) for row in content["results"]])
