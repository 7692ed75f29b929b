"""Where the numbers of an axis stand."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Axes have at most so many numbers above 0, and labels below a picture are written at most so often.
MOST_STEPS = 5
MOST_LABELS = 6
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(highest: float, *, whole: bool = False) -> list[float]:
    """Round numbers from 0 to the first that is not below `highest`."""
    step = _step(highest / MOST_STEPS, whole=whole) if highest > 0 else 1.0
    count = max(1, math.ceil(round(highest / step, 9)))
    return [round(step * number, 12) for number in range(count + 1)]


def _step(least: float, *, whole: bool) -> float:
    if whole and least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    fitting = (power * factor for factor in _ROUND if power * factor >= least * (1 - 1e-9))
    return next(step for step in fitting if not whole or step == int(step))


def written(labels: Sequence[str]) -> list[str]:
    """Which of many labels are written: the first, and after it each so-many-th."""
    every = math.ceil(len(labels) / MOST_LABELS)
    return list(labels[::every]) if labels else []
