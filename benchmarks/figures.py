"""What is measured: a figure of one round, and the result of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

#: Units of which more is better; of all others less is.
MORE_IS_BETTER = {"requests/s", "entries/s", "commits/s", "reads/s", "rows/s", "calls/s", "%"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one round gave.

    `floor` is what the same work costs, in the same round, without what is measured: `floor_name` says what that is.
    `cpu_ms` is the processor time of all processes of the product for each request; it hardly depends on what else
    the machine does. `aim` is what is to be reached, in the unit of the figure.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    aim: float | None = None
    cpu_ms: float | None = None
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The median of a figure's rounds with the lowest and the highest of them; remarks are of the last round."""

    name: str
    value: float
    lowest: float
    highest: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    aim: float | None = None
    cpu_ms: float | None = None
    remarks: str = ""

    @property
    def is_more_better(self) -> bool:
        """Whether a higher value is the better one."""
        return self.unit in MORE_IS_BETTER

    @property
    def ratio(self) -> float | None:
        """The value beside its floor."""
        return self.value / self.floor if self.floor else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.is_more_better else self.value <= self.aim

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what follows from the rest stands there too, for readers."""
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Result:
        """The inverse of `as_dict`; what is not known is left out."""
        return cls(**{name: value for name, value in values.items() if name in cls.__slots__})


def merged(rounds: Sequence[Sequence[Figure]]) -> list[Result]:
    """A result for each name, in the order of the first round."""
    figures = [figure for one_round in rounds for figure in one_round]
    names = dict.fromkeys(figure.name for figure in figures)
    return [_merged([figure for figure in figures if figure.name == name]) for name in names]


def _merged(figures: list[Figure]) -> Result:
    values, last = [figure.value for figure in figures], figures[-1]
    return Result(
        name=last.name,
        value=median(values),
        lowest=min(values),
        highest=max(values),
        unit=last.unit,
        floor=_median([figure.floor for figure in figures]),
        floor_name=last.floor_name,
        aim=last.aim,
        cpu_ms=_median([figure.cpu_ms for figure in figures]),
        remarks=last.remarks,
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
