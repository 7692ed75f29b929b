"""Charts as SVG inside the page, each with its numbers as a table.

The picture is drawn by pygal on the server (prompts/admin/chart_drawing.py) and gets its colours from
`prompts/charts.css`, which follows the theme. Whoever can't see it, or has no mouse, opens the table: it holds every
number, whisker and link of the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.safestring import SafeString

MARKS_IN_SIGHT = 4


def grouped(number: float | Decimal) -> str:
    """A number as the language writes it, without decimals that say nothing."""
    whole = number == int(number)
    return formats.number_format(int(number) if whole else number, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Point:
    """One value; None is a gap. `low` and `high` are the ends of its whisker, `href` leads to what it counts.

    `text` is the value as people read it, where the axis' own format is too coarse.
    """

    value: float | Decimal | None
    text: str = ""
    href: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one colour: `tone` is "good", "bad", "warn", "quiet" or "1" to "6"."""

    name: str
    points: Sequence[Point]
    tone: str = "1"
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the picture, such as a threshold, and its words."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at the label of this position; also told, with its link, below the picture."""

    position: int
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale of the values, which begins at 0. `highest` fixes its end; `whole` is for what can't be halved."""

    format: Callable[[float], str] = grouped
    highest: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn."""

    title: str
    series: Sequence[Series]
    labels: Sequence[str]
    heading: str
    kind: str
    axis: Axis = field(default_factory=Axis)
    stacked: bool = False
    levels: Sequence[Level] = ()
    marks: Sequence[Mark] = ()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(point.value is not None for series in self.series for point in series.points)

    @property
    def has_many_marks(self) -> bool:
        """Whether what is marked would take more room than the picture."""
        return len(self.marks) > MARKS_IN_SIGHT

    def words(self, point: Point) -> str:
        """The value of a point with the ends of its whisker."""
        if point.value is None:
            return "-"
        said = point.text or self.axis.format(float(point.value))
        if point.low is None or point.high is None:
            return said
        return f"{said} ({self.axis.format(point.low)} – {self.axis.format(point.high)})"


def bars(
    title: str,
    series: Sequence[Series],
    labels: Sequence[str],
    *,
    heading: str,
    axis: Axis | None = None,
    stacked: bool = False,
    horizontal: bool = False,
    levels: Sequence[Level] = (),
    marks: Sequence[Mark] = (),
    note: str = "",
) -> SafeString:
    """Bars over `labels`, beside each other or `stacked`; `horizontal` ones, for long labels, know no levels or marks.

    `heading` says what the labels are; all texts are escaped.
    """
    kind = "horizontal" if horizontal else "bars"
    return _figure(Chart(title, series, labels, heading, kind, axis or Axis(), stacked, levels, marks, note))


def lines(
    title: str,
    series: Sequence[Series],
    labels: Sequence[str],
    *,
    heading: str,
    axis: Axis | None = None,
    levels: Sequence[Level] = (),
    marks: Sequence[Mark] = (),
    note: str = "",
) -> SafeString:
    """A line with a dot a point for each of the series; a gap interrupts it."""
    return _figure(Chart(title, series, labels, heading, "lines", axis or Axis(), False, levels, marks, note))


def _figure(chart: Chart) -> SafeString:
    # pygal takes memory that a web process which draws nothing need not have.
    from prompts.admin.chart_drawing import draw

    picture = "" if chart.is_empty else draw(chart)
    context = {"chart": chart, "picture": picture, "rows": _rows(chart)}
    return render_to_string("admin/prompts/home/chart.html", context)


def _rows(chart: Chart) -> list[tuple[str, list[dict[str, Any]]]]:
    columns = [[{"text": chart.words(point), "href": point.href} for point in one.points] for one in chart.series]
    gap = {"text": "-", "href": ""}
    return [(label, list(row)) for label, row in zip(chart.labels, zip_longest(*columns, fillvalue=gap), strict=False)]
