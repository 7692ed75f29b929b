"""Rounds into results, and results beside earlier ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.comparing import changes
from benchmarks.figures import Figure, Result, merged
from benchmarks.runs import Run


def result(value: float, lowest: float, highest: float, unit: str = "requests/s", aim: float | None = None) -> Result:
    return Result("accept", value, lowest, highest, unit, aim=aim)


def test_a_result_is_the_median_of_its_rounds_with_the_lowest_and_the_highest() -> None:
    (got,) = merged([[Figure("accept", value, "requests/s")] for value in (700.0, 900.0, 810.0)])
    assert (got.value, got.lowest, got.highest) == (810, 700, 900)


def test_the_floor_is_the_median_of_the_rounds_that_have_one() -> None:
    (got,) = merged([[Figure("accept", 500, "requests/s", floor=floor)] for floor in (None, 1_000, 1_500)])
    assert got.ratio == pytest.approx(500 / 1_250)


def test_figures_keep_the_order_of_the_first_round() -> None:
    rounds = [[Figure("list", 1, "ms"), Figure("detail", 1, "ms")] for _ in range(2)]
    assert [one.name for one in merged(rounds)] == ["list", "detail"]


@pytest.mark.parametrize(
    ("unit", "value", "is_reached"),
    [("requests/s", 800, True), ("requests/s", 799, False), ("ms", 800, True), ("ms", 801, False)],
)
def test_of_rates_the_aim_is_the_least_and_of_times_the_most(unit: str, value: float, is_reached: bool) -> None:
    assert result(value, value, value, unit, aim=800).reached is is_reached


def test_without_an_aim_nothing_is_reached_or_missed() -> None:
    assert result(1, 1, 1).reached is None


@pytest.mark.parametrize(
    ("unit", "after", "is_worse"),
    [
        ("requests/s", (80, 70, 89), True),
        ("requests/s", (80, 70, 90), False),
        ("requests/s", (200, 150, 250), False),
        ("ms", (120, 111, 130), True),
        ("ms", (120, 110, 130), False),
        ("ms", (50, 40, 60), False),
    ],
)
def test_worse_is_what_no_round_before_was_as_bad_as(
    unit: str, after: tuple[float, float, float], is_worse: bool
) -> None:
    change = changes([result(100, 90, 110, unit)], [result(*after, unit)])["accept"]
    assert change.is_worse is is_worse


def test_a_change_is_told_in_per_cent_of_the_value_before() -> None:
    change = changes([result(200, 190, 210)], [result(150, 140, 160)])["accept"]
    assert str(change) == "-25 % WORSE"


def test_figures_of_other_names_or_units_are_not_compared() -> None:
    assert not changes([result(1, 1, 1, "ms")], [result(1, 1, 1, "s")])


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = Run({"cores": 2}, 3, [result(800, 700, 900, aim=800)])
    run.save(tmp_path / "new" / "bench.json")
    assert Run.load(tmp_path / "new" / "bench.json") == run
