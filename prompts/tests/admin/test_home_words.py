"""Numbers of the home page in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from prompts.admin.home import words


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Decimal(0), "0.00"),
        (Decimal("1234.567"), "1,234.57"),
        (Decimal("0.0123"), "0.01"),
        (Decimal("0.0099"), "0.0099"),
        (Decimal("0.000001234"), "0.000001"),
        (0.0005, "0.0005"),
    ],
)
def test_dollars_are_told_to_the_cent_and_small_amounts_to_their_digits(amount: Decimal | float, expected: str):
    assert words.dollars(amount) == expected


@pytest.mark.parametrize(("part", "expected"), [(None, "-"), (0, "0.0 %"), (0.0559, "5.6 %"), (1, "100.0 %")])
def test_shares_are_rounded_to_one_digit(part: float | None, expected: str):
    assert words.share(part) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.2, "200 ms"), (59, "59.0 s"), (61, "1 min 1 s"), (3660, "1 h 1 min"), (90_000, "1 d 1 h")],
)
def test_waits_are_told_in_the_two_units_that_matter(seconds: float, expected: str):
    assert words.seconds(seconds) == expected


def test_counts_are_grouped_as_the_language_does():
    assert words.count(1234567) == "1,234,567"
    with translation.override("th"):
        assert words.count(1234567) == "1,234,567"


def test_a_count_that_was_stopped_says_so():
    assert words.count(100_000, capped=True) == "100,000 or more"
