"""Charts: what may stand in the page, and that nobody needs to see the picture."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import translation

from prompts.admin import charts
from prompts.admin.chart_scales import ticks, written
from prompts.admin.charts import Axis, Chart, Level, Mark, Point, Series

HOURS = [f"{hour:02}:00" for hour in range(24)]
NASTY = '"><script>alert(1)</script>&<b style="color:red">'


def series(*values: float | None, name: str = "Completed", tone: str = "good") -> Series:
    return Series(name, [Point(value) for value in values], tone)


def picture(html: str) -> ElementTree.Element:
    """The SVG of a figure, parsed."""
    return ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])


@pytest.mark.parametrize("kind", ["bars", "stacked", "horizontal", "both", "lines"])
def test_a_chart_of_any_kind_has_nothing_that_the_policy_forbids(kind: str):
    two = [Series("a", [Point(2, href="/a?x=1&y=2", low=1, high=3), Point(1)]), series(1, None)]
    forms: dict[str, Any] = {"stacked": {"stacked": True}, "horizontal": {"horizontal": True}}
    forms["both"] = forms["stacked"] | forms["horizontal"]
    html = (
        charts.lines("T", two, ["x", "y"], heading="H", levels=[Level(1, "L")], marks=[Mark(1, "M")])
        if kind == "lines"
        else charts.bars("T", two, ["x", "y"], heading="H", **forms.get(kind, {}))
    )
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|<\?xml|javascript:|xlink", html)


@pytest.mark.parametrize("draw", [charts.bars, charts.lines])
def test_texts_of_others_are_escaped_everywhere(draw: Any):
    nasty = [Series(NASTY, [Point(1, text=NASTY, href=f"/x?{NASTY}")]), series(2)]
    html = draw(NASTY, nasty, [NASTY], heading=NASTY, levels=[Level(1, NASTY)], marks=[Mark(0, NASTY)], note=NASTY)
    assert "<script" not in html
    assert "<b style" not in html
    assert picture(html).get("aria-label") == NASTY


def test_the_table_has_every_number_and_link_of_the_picture():
    points = [Point(3, href="/three"), Point(None), Point(0.5, text="a half", low=0.25, high=0.75)]
    html = charts.bars("T", [Series("S", points)], ["x", "y", "z"], heading="Version")
    table = re.sub(r"\s+", " ", html[html.index("<table") :])
    assert re.findall(r'<th scope="(?:col|row)">(?:<bdi>)?(.*?)<', table) == ["Version", "S", "x", "y", "z"]
    assert re.findall(r"<td>(.*?)</td>", table) == ['<a href="/three">3</a>', "-", "a half (0.25 – 0.75)"]


def test_a_bar_tells_its_value_to_the_mouse_and_leads_where_its_number_does():
    html = charts.bars(
        "T", [series(1, 2), Series("Failed", [Point(3, href="/f?a=1&b=2"), Point(0)])], ["x", "y"], heading="H"
    )
    (link,) = picture(html).iter("a")
    assert (link.get("href"), link.get("tabindex")) == ("/f?a=1&b=2", "-1")
    titles = [title.text for title in picture(html).iter("title")]
    assert {"x: Completed, 1", "y: Completed, 2", "x: Failed, 3"} <= set(titles)


def test_a_picture_without_links_is_an_image_and_one_with_links_a_group():
    plain = picture(charts.bars("Plain", [series(1)], ["x"], heading="H"))
    linked = picture(charts.bars("Linked", [Series("S", [Point(1, href="/x")])], ["x"], heading="H"))
    assert [(one.get("role"), one.get("aria-label")) for one in (plain, linked)] == [
        ("img", "Plain"),
        ("group", "Linked"),
    ]
    assert all(child.get("aria-hidden") == "true" for child in linked)


def test_series_have_the_colour_that_was_asked_for():
    html = charts.lines("T", [series(1, tone="3"), Series("b", [Point(2)], "bad", dashed=True)], ["x"], heading="H")
    classes = {group.get("class") for group in picture(html).iter("g")}
    assert {"series tone-3", "series tone-bad dashed"} <= classes


def test_whiskers_levels_and_marks_are_drawn():
    points = [Point(0.9, low=0.8, high=0.95), Point(0.8)]
    html = charts.lines(
        "T", [Series("S", points)], ["1", "2"], heading="V", axis=Axis(highest=1),
        levels=[Level(0.85, "Gate")], marks=[Mark(1, "v2 activated", "/v2")],
    )  # fmt: skip
    drawn = picture(html)
    assert [len(drawn.findall(f".//*[@class='{name}']")) for name in ("ci", "level", "mark-line")] == [1, 1, 1]
    assert '<a href="/v2">v2 activated</a>' in html
    assert "<li>Gate</li>" in html


def test_a_level_lies_where_its_value_is():
    html = charts.lines("T", [series(0, 1)], ["1", "2"], heading="V", axis=Axis(highest=1), levels=[Level(1, "All")])
    level = picture(html).find(".//*[@class='level']")
    dots = [float(dot.get("cy", "")) for dot in picture(html).iter("circle")]
    assert level is not None
    assert float(level.get("d", "").split()[1]) == pytest.approx(min(dots), abs=0.01)


def test_what_happened_in_one_hour_is_one_line_with_all_its_texts():
    marks = [Mark(3, "first"), Mark(3, "second"), Mark(5, "third")]
    drawn = picture(charts.bars("T", [series(*range(24))], HOURS, heading="H", marks=marks))
    titles = [mark.findtext("title") for mark in drawn.findall(".//*[@class='mark-line']")]
    assert sorted(titles, key=str) == ["first\nsecond", "third"]


def test_a_gap_interrupts_a_line():
    drawn = picture(charts.lines("T", [series(1, 2, None, 3, 4)], list("abcde"), heading="H"))
    assert len([path for path in drawn.iter("path") if "reactive" in path.get("class", "")]) == 2


def test_of_many_labels_few_are_written_and_all_stand_in_the_table():
    html = charts.bars("T", [series(*range(24))], HOURS, heading="Hour")
    written_ones = [text.text for text in picture(html).findall(".//*[@class='axis x']//text")]
    assert written_ones == HOURS[::4]
    assert all(f"<bdi>{hour}</bdi>" in html for hour in HOURS)


def test_the_longest_bars_of_a_list_are_on_top_when_they_come_first():
    drawn = picture(charts.bars("T", [series(9, 1)], ["often", "seldom"], heading="H", horizontal=True))
    heights = {text.text: float(text.get("y", "0")) for text in drawn.findall(".//*[@class='axis y']//text")}
    assert heights["often"] < heights["seldom"]


@pytest.mark.parametrize("values", [(), (None, None)])
def test_where_there_is_nothing_to_draw_the_chart_says_so(values: tuple[None, ...]):
    html = charts.lines("T", [series(*values)], ["x", "y"], heading="H")
    assert "Nothing to show yet." in html
    assert "<svg" not in html


def test_nothing_but_zeros_is_drawn():
    assert "<svg" in charts.bars("T", [series(0, 0)], ["x", "y"], heading="H")


def test_numbers_are_written_as_the_language_does():
    with translation.override("ar"):
        html = charts.bars("T", [Series("S", [Point(1.5)])], ["x"], heading="H")
    assert "<td>1,5</td>" in html


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, [0, 1]),
        (0.003, [0, 0.001, 0.002, 0.003]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (23, [0, 5, 10, 15, 20, 25]),
        (101, [0, 25, 50, 75, 100, 125]),
    ],
)
def test_an_axis_ends_at_a_round_number_above_its_highest_value(highest: float, expected: list[float]):
    assert ticks(highest) == expected


@pytest.mark.parametrize("highest", [1, 3, 7, 12, 26, 9_999])
def test_what_cannot_be_halved_has_whole_numbers_only(highest: float):
    assert all(tick == int(tick) for tick in ticks(highest, whole=True))


def test_few_labels_are_all_written():
    assert written(["a", "b"]) == ["a", "b"]


def test_an_empty_chart_has_no_labels():
    assert Chart("T", [], [], "H", "bars").is_empty
    assert written([]) == []
