"""Results in docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import report
from benchmarks.figures import Result
from benchmarks.growth import tables

MACHINE = {
    "cpu": "A processor",
    "cores": 2,
    "memory_gb": 8,
    "system": "Linux 6",
    "python": "3.11",
    "postgresql": "18.1",
    "commit": "abc1234",
    "at": "2026-01-02T03:04:05Z",
    "load": 0.1,
}


def bench(aim: float | None = None, remarks: str = "") -> dict[str, Any]:
    one = Result("accept", 412.5, 400, 420, "requests/s", aim=aim, remarks=remarks)
    return {"machine": MACHINE, "repeats": 3, "results": [one.as_dict()]}


def taken(milliseconds: float, cpu: float | None = None) -> dict[str, Any]:
    numbers = {"ms": milliseconds, "cpu_ms": milliseconds if cpu is None else cpu}
    return numbers | {"blocks": 7, "statements": 2, "scans": ["Seq Scan x (9000 rows)", "Index Scan y (51 rows)"]}


def sizes(few: float, many: float) -> tables.Sizes:
    filled = {"rows": 1, "seconds": 2.0, "steps": {"rows": 1.0}}
    values = {"10000": taken(few), "1000000": taken(many)}
    return {size: {"filled": filled, "bytes": 2**30, "probes": {"list": one}} for size, one in values.items()}


def test_a_table_replaces_what_stood_between_its_markers_and_nothing_else() -> None:
    page = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter"
    got = report.filled(page, report.blocks(bench()))
    assert got.startswith("before\n<!-- bench -->\n2026-01-02T03:04:05Z, commit `abc1234`: A processor, 2 cores")
    assert got.endswith("<!-- /bench -->\nafter")
    assert "old" not in got


def test_a_second_run_replaces_the_first() -> None:
    page = "<!-- bench -->\n<!-- /bench -->"
    once = report.filled(page, report.blocks(bench()))
    assert report.filled(once, report.blocks(bench())) == once


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for bench"):
        report.filled("nothing", report.blocks(bench()))


@pytest.mark.parametrize(("aim", "words"), [(400, "≥ 400: reached"), (413, "≥ 413: NOT REACHED")])
def test_the_table_says_whether_an_aim_is_reached(aim: float, words: str) -> None:
    assert words in report.blocks(bench(aim=aim))["bench"]


def test_remarks_with_bars_stay_in_their_cell() -> None:
    assert "a \\| b" in report.blocks(bench(remarks="a | b"))["bench"]


def test_the_page_of_the_documentation_has_a_place_for_every_table() -> None:
    parts = dict.fromkeys(("bench", "filling", "growth", "grown", "migrating"), "x")
    assert report.filled(report.PAGE.read_text(), parts).count("\nx\n") == len(parts)


def test_growth_shows_each_size_beside_the_first() -> None:
    (row,) = tables.rows(sizes(10, 25))
    assert row[:3] == ["list", "10.0", "25.0 (2.5)"]


@pytest.mark.parametrize(("few", "many", "grew"), [(10, 12, []), (10, 12.5, ["list"]), (1, 2.9, []), (10, 5, [])])
def test_what_takes_a_fifth_more_has_grown_unless_that_is_noise(few: float, many: float, grew: list[str]) -> None:
    assert tables.grown(sizes(few, many)) == grew


def test_what_has_grown_is_listed_with_how_it_read_many_rows() -> None:
    run = {"machine": MACHINE, "sizes": sizes(10, 100)}
    assert report.blocks(run)["grown"] == "- list: Seq Scan x (9000 rows)"
