"""Shares and their intervals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.accuracy import Share, wilson

COUNTS = st.integers(0, 3000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
        # Agresti and Coull, Approximate is better than exact, 1998: nine of ten.
        (9, 10, "0.5958", "0.9821"),
    ],
)
def test_the_interval_is_the_one_in_the_literature(correct: int, total: int, low: str, high: str) -> None:
    assert wilson(correct, total) == (Decimal(low), Decimal(high))


def test_of_nothing_everything_is_possible() -> None:
    assert wilson(0, 0) == (Decimal(0), Decimal(1))


@pytest.mark.parametrize(("correct", "total"), [(-1, 3), (4, 3), (1, 0)])
def test_more_right_than_there_are_is_refused(correct: int, total: int) -> None:
    with pytest.raises(ValueError, match="of"):
        wilson(correct, total)


@given(COUNTS)
def test_the_share_lies_in_its_interval_and_that_between_0_and_1(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    assert 0 <= share.low <= share.high <= 1
    assert share.low <= share.value + Decimal("0.0001")
    assert share.value <= share.high


@given(COUNTS)
def test_what_is_wrong_has_the_mirrored_interval(counts: tuple[int, int]) -> None:
    correct, total = counts
    low, high = wilson(correct, total)
    mirrored = wilson(total - correct, total)
    assert abs(1 - mirrored[1] - low) <= Decimal("0.0001")
    assert abs(1 - mirrored[0] - high) <= Decimal("0.0001")


@given(COUNTS.filter(lambda counts: counts[1] > 0))
def test_ten_times_as_many_make_the_interval_narrower(counts: tuple[int, int]) -> None:
    few, many = (wilson(counts[0] * factor, counts[1] * factor) for factor in (1, 10))
    assert many[1] - many[0] < few[1] - few[0]


@given(COUNTS, st.integers(0, 1000))
def test_a_threshold_is_reached_without_any_rounding(counts: tuple[int, int], thousandths: int) -> None:
    correct, total = counts
    reached = total > 0 and correct * 1000 >= thousandths * total
    assert Share(correct, total).reaches(Decimal(thousandths) / 1000) is reached


def test_what_just_misses_a_threshold_is_not_shown_as_if_it_had_reached_it() -> None:
    share = Share(949_999, 1_000_000)
    assert (share.value, share.reaches(Decimal("0.95"))) == (Decimal("0.9499"), False)


def test_nothing_reaches_no_threshold() -> None:
    assert not Share(0, 0).reaches(Decimal(0))
