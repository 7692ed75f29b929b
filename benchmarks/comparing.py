"""An earlier run beside this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.figures import Result


@dataclass(frozen=True, slots=True)
class Change:
    """How a result differs from an earlier one of the same name and unit."""

    before: Result
    after: Result

    @property
    def percent(self) -> float:
        """Of the value before."""
        return (self.after.value / self.before.value - 1) * 100 if self.before.value else 0.0

    @property
    def is_worse(self) -> bool:
        """Whether the worst round before was better than the best one now: the spreads don't even touch."""
        if self.after.is_more_better:
            return self.after.highest < self.before.lowest
        return self.after.lowest > self.before.highest

    def __str__(self) -> str:
        return f"{self.percent:+.0f} %{' WORSE' if self.is_worse else ''}"


def changes(before: Iterable[Result], after: Iterable[Result]) -> dict[str, Change]:
    """By name, of what is in both."""
    known = {result.name: result for result in before}
    both = ((result, known.get(result.name)) for result in after)
    return {new.name: Change(old, new) for new, old in both if old is not None and old.unit == new.unit}
