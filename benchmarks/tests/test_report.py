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


def taken(blocks: int = 7, statements: int = 2, milliseconds: float = 10) -> dict[str, Any]:
    scans = {"Seq Scan x": [blocks, 9 * blocks], "Index Scan y": [3, 51]}
    numbers = {"ms": milliseconds, "cpu_ms": milliseconds, "blocks": blocks, "statements": statements}
    return numbers | {"scans": scans}


def sizes(*each: dict[str, Any]) -> tables.Sizes:
    filled = {"rows": 1, "seconds": 2.0, "steps": {"rows": 1.0}}
    values = zip(("10000", "1000000", "10000000"), each, strict=False)
    return {size: {"filled": filled, "bytes": 2**30, "probes": {"list": one}} for size, one in values}


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
    (row,) = tables.rows(sizes(taken(milliseconds=10), taken(milliseconds=25)))
    assert row[:3] == ["list", "10.0", "25.0 (2.5)"]


@pytest.mark.parametrize(
    ("few", "many", "grew"),
    [(1_000, 1_200, []), (2_000, 2_401, ["list"]), (10, 210, []), (10, 211, ["list"]), (2_000, 10, [])],
)
def test_a_fifth_more_blocks_is_growth_unless_an_index_only_got_deeper(few: int, many: int, grew: list[str]) -> None:
    assert tables.grown(sizes(taken(few), taken(many))) == grew


def test_one_more_statement_is_growth() -> None:
    assert tables.grown(sizes(taken(statements=2), taken(statements=3))) == ["list"]


def test_more_time_alone_is_the_machines_affair() -> None:
    assert tables.grown(sizes(taken(milliseconds=1), taken(milliseconds=1_000))) == []


def test_a_call_that_was_not_measured_at_the_first_size_is_compared_with_nothing() -> None:
    both = sizes(taken(), taken(9_000))
    both["10000"]["probes"] = {}
    assert tables.grown(both) == []


def test_what_has_grown_is_listed_with_the_scans_that_read_more() -> None:
    run = {"machine": MACHINE, "sizes": sizes(taken(10), taken(1_000))}
    told = "- list: blocks 10 / 1,000, statements 2 / 2; Seq Scan x 10 → 1,000 blocks for 9,000 rows"
    assert report.blocks(run)["grown"] == told


def test_a_scan_that_only_the_last_size_has_is_a_reason_too() -> None:
    few = taken(10) | {"scans": {}}
    assert tables.told(sizes(few, taken(1_000)), "list").endswith("Seq Scan x not used → 1,000 blocks for 9,000 rows")


@pytest.mark.parametrize(("last", "grew"), [(1_000, []), (10_000, ["list"])])
def test_the_last_two_sizes_tell_whether_a_call_has_met_its_bound(last: int, grew: list[str]) -> None:
    assert tables.grown(sizes(taken(10), taken(1_000), taken(last))) == grew


def test_one_size_tells_nothing() -> None:
    assert tables.grown(sizes(taken(10))) == []
