"""Drawing with pygal, and making of its SVG what may stand inside a page.

Our policy of the content forbids inline style and script, so none of pygal's remains; colours come from classes.
pygal's own tooltips need script; those that stay are `<title>` elements, which browsers show by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pygal  # type: ignore[import-untyped]
from django.utils.safestring import SafeString, mark_safe
from pygal.etree import etree  # type: ignore[import-untyped]

from prompts.admin.chart_scales import ticks, written
from prompts.admin.charts import Chart, Level, Point, Series

WIDTH, HEIGHT = 520, 240
ROW_HEIGHT, FRAME_HEIGHT = 26, 60
LONGEST_LABEL = 40
_DROPPED = {"defs", "desc", "style", "script"}
_KEPT_OF_ROOT = {"viewBox"}
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"


class _Quick:
    """Takes two thirds of the time: without what only pygal's script reads, and with a shorter way to its settings."""

    def __getattribute__(self, name: str) -> Any:
        state = object.__getattribute__(self, "__dict__").get("state")
        if state is None or name == "state" or name.startswith("__") or name not in state.__dict__:
            return object.__getattribute__(self, name)
        return state.__dict__[name]

    def _tooltip_data(self, *_args: Any, **_kwargs: Any) -> None: ...

    def _static_value(self, *_args: Any, **_kwargs: Any) -> None: ...


def _quick(graph: type) -> Any:
    return type(graph.__name__, (_Quick, graph), {})


_GRAPHS: dict[tuple[str, bool], Any] = {
    ("bars", False): _quick(pygal.Bar),
    ("bars", True): _quick(pygal.StackedBar),
    ("horizontal", False): _quick(pygal.HorizontalBar),
    ("horizontal", True): _quick(pygal.HorizontalStackedBar),
    ("lines", False): _quick(pygal.Line),
}


def draw(chart: Chart) -> SafeString:
    """The `<svg>` of a chart that has at least one value."""
    graph = _GRAPHS[chart.kind, chart.stacked](**_options(chart))
    # Horizontal bars are drawn from the bottom up, and read from the top down.
    order = slice(None, None, -1 if chart.kind == "horizontal" else 1)
    graph.x_labels = list(chart.labels)[order]
    for series in chart.series:
        points = zip(chart.labels, series.points, strict=False)
        graph.add(series.name, [_value(chart, series, label, point) for label, point in points][order])
    graph.add_xml_filter(partial(_finish, chart, graph))
    # Every text in it went through the serializer, which escapes.
    svg: str = etree.tostring(graph.render_tree(), encoding="unicode")
    return mark_safe(svg)  # noqa: S308


def _options(chart: Chart) -> dict[str, Any]:
    scale = ticks(_highest(chart), whole=chart.axis.whole)
    return {
        "width": WIDTH,
        "height": HEIGHT if chart.kind != "horizontal" else FRAME_HEIGHT + ROW_HEIGHT * len(chart.labels),
        "margin": 8,
        "margin_right": 24,
        "css": [],
        "js": [],
        "classes": (),
        "no_prefix": True,
        "show_legend": False,
        "truncate_label": LONGEST_LABEL,
        "show_minor_x_labels": chart.kind == "horizontal",
        "show_minor_y_labels": True,
        "x_labels_major": written(chart.labels) if chart.kind != "horizontal" else None,
        "y_labels": [{"value": value, "label": chart.axis.format(value)} for value in scale],
        "range": (0, scale[-1]),
        "dots_size": 3,
        "allow_interruptions": True,
        "style": pygal.style.Style(label_font_size=12, major_label_font_size=12),
    }


def _highest(chart: Chart) -> float:
    if chart.axis.highest is not None:
        return chart.axis.highest
    single = (float(point.high or point.value or 0) for series in chart.series for point in series.points)
    sums = (sum(float(point.value or 0) for point in column) for column in _columns(chart)) if chart.stacked else ()
    return max([*single, *sums, *(level.value for level in chart.levels)], default=0.0)


def _columns(chart: Chart) -> Iterator[tuple[Point, ...]]:
    return zip(*(series.points for series in chart.series), strict=False)


def _value(chart: Chart, series: Series, label: str, point: Point) -> dict[str, Any] | None:
    if point.value is None:
        return None
    name = f"{series.name}, " if len(chart.series) > 1 else ""
    value: dict[str, Any] = {"value": float(point.value), "tooltip": f"{label}: {name}{chart.words(point)}"}
    if point.href:
        # The keyboard goes by the table, which has the same links.
        value["xlink"] = {"href": point.href, "target": "_self", "tabindex": "-1"}
    if point.low is not None and point.high is not None:
        value["ci"] = {"low": point.low, "high": point.high}
    return value


def _finish(chart: Chart, graph: Any, root: Any) -> Any:
    """Take away what the policy forbids, name the colours, and add levels and marks."""
    _drop(root)
    for number, series in enumerate(chart.series):
        _name_colours(root, number, series)
    for level in chart.levels:
        _draw_level(graph, level)
    for position in {mark.position for mark in chart.marks}:
        _draw_mark(graph, position, [mark.text for mark in chart.marks if mark.position == position])
    _name_picture(chart, root)
    return root


def _drop(node: Any) -> None:
    for child in list(node):
        unwanted = not isinstance(child.tag, str) or child.tag in _DROPPED or _is_for_script(child)
        node.remove(child) if unwanted else _drop(child)
    for name, value in list(node.attrib.items()):
        if name == "style" or value == "":
            del node.attrib[name]
        elif str(getattr(name, "text", name)) == XLINK_HREF:
            del node.attrib[name]
            node.set("href", value)


def _is_for_script(node: Any) -> bool:
    return bool({"tooltip-overlay", "text-overlay"} & set(node.get("class", "").split()))


def _name_colours(root: Any, number: int, series: Series) -> None:
    for group in root.iter("g"):
        if f"serie-{number}" in group.get("class", "").split():
            group.set("class", f"series tone-{series.tone}{' dashed' if series.dashed else ''}")


def _draw_level(graph: Any, level: Level) -> None:
    height, plot = graph.view.y(level.value), graph.nodes["overlay"]
    line = graph.svg.node(plot, "path", d=f"M0 {height:.2f} h{graph.view.width:.2f}", class_="level")
    graph.svg.node(line, "title").text = level.text


def _draw_mark(graph: Any, position: int, texts: list[str]) -> None:
    where = graph.view.x(graph._x_pos[position])
    # Below the series, so that it never hides a bar or its link.
    group = etree.Element("g", {"class": "mark-line"})
    graph.nodes["plot"].insert(1, group)
    graph.svg.node(group, "path", d=f"M{where:.2f} 0 v{graph.view.height:.2f}", class_="mark")
    graph.svg.node(group, "path", d=f"M{where - 5:.2f} -6 h10 l-5 8 z", class_="mark-head")
    graph.svg.node(group, "title").text = "\n".join(texts)


def _name_picture(chart: Chart, root: Any) -> None:
    """A picture with links in it is no image to assistive technology; inside there is nothing the table hasn't."""
    for name in set(root.attrib) - _KEPT_OF_ROOT:
        del root.attrib[name]
    for child in list(root):
        root.remove(child) if child.tag == "title" else child.set("aria-hidden", "true")
    linked = any(point.href for series in chart.series for point in series.points)
    root.set("role", "group" if linked else "img")
    root.set("aria-label", chart.title)
    root.set("class", "chart-picture")
