"""The vendor of the benchmarks, asked by the SDK that the product uses."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks import calling, mock


@pytest.mark.serial
def test_every_call_is_answered_and_the_most_at_a_time_are_counted() -> None:
    with mock.running(20) as vendor:
        took = asyncio.run(calling.call(vendor.url, 12, 4))
    assert vendor.most == 4
    assert took["p50_ms"] >= 20
