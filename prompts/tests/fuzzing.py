"""How property tests are run: the same few examples each time, or random ones for as long as `make fuzz` says."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: So many times the examples of a test, with other ones each time; set by `make fuzz`.
FACTOR = int(os.environ.get("FUZZ_FACTOR", "0"))


def fuzzed(examples: int) -> settings:
    """The settings of a test that has this many examples in the suite."""
    return settings(
        max_examples=examples * (FACTOR or 1),
        derandomize=not FACTOR,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
