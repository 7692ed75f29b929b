"""The slope of memory tells a leak from a warm-up, a burst and a death."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.soak.slopes import HOUR, MEGABYTE, WARM_UP_SECONDS, Growth, Point, floors, growth, lives

EVERY = 10
HALF_AN_HOUR = 1800


def life(per_hour: float, seconds: int = HALF_AN_HOUR, *, base: float = 80.0) -> list[Point]:
    """Points of a process that grows by so many megabytes an hour, every ten seconds."""
    return [(at, (base + per_hour * at / HOUR) * MEGABYTE) for at in range(0, seconds, EVERY)]


def grown(role: list[list[Point]]) -> Growth:
    """The growth of a role that has lived long enough."""
    found = growth(role)
    assert found is not None
    return found


@pytest.mark.parametrize("leak", [0.0, 3.0, 12.0, -4.0])
def test_a_steady_growth_is_found_as_it_is(leak):
    assert grown([life(leak)]).per_hour == pytest.approx(leak, abs=0.01)


def test_what_is_loaded_in_the_first_minutes_is_no_growth():
    warm_up = [(at, value - max(0, WARM_UP_SECONDS - at) * MEGABYTE / 4) for at, value in life(0)]
    assert grown([warm_up]).per_hour == 0


def test_bursts_that_come_and_go_are_no_growth():
    bursts = [(at, value + (20 * MEGABYTE if at % 60 else 0)) for at, value in life(0)]
    assert grown([bursts]).per_hour == 0


def test_one_step_in_half_an_hour_is_no_slope_but_a_rise():
    step = [(at, value + (1 * MEGABYTE if at > 1500 else 0)) for at, value in life(0)]
    found = grown([step])
    assert (found.per_hour, found.rise) == (0, 1)


def test_a_leak_shows_across_lives_that_each_begin_anew():
    assert grown([life(12, 900), life(12, 1000, base=90), life(12, 780)]).per_hour == pytest.approx(12, abs=0.01)


def test_different_sizes_of_processes_are_no_growth():
    assert grown([life(0, base=50), life(0, base=90), life(0, base=130)]).per_hour == 0


def test_the_longest_lives_count_most():
    assert grown([life(0, HALF_AN_HOUR), life(40, 760)]).per_hour == 0


def test_short_lives_say_nothing():
    assert growth([life(40, 660), life(40, 100)]) is None


def test_it_tells_how_long_the_longest_life_was_looked_at():
    found = grown([life(0, 900), life(0, HALF_AN_HOUR)])
    assert (found.lives, found.longest_minutes) == (2, 24.0)


def test_the_floor_of_a_minute_is_its_lowest_value():
    assert floors([(290, 1.0), (305, 5.0), (350, 4.0), (359, 6.0), (365, 9.0)]) == [(330.0, 4.0), (390.0, 9.0)]


def sample(clock: float, *processes: tuple[str, int, float]) -> dict[str, Any]:
    """A look at processes (role, pid, bytes) that began at 0."""
    return {
        "clock": clock,
        "processes": [{"role": role, "pid": pid, "started": 0.0, "own": own} for role, pid, own in processes],
    }


def test_a_process_that_came_after_another_is_another_life():
    found = lives([sample(10, ("web", 1, 5.0)), sample(20, ("web", 2, 7.0)), sample(30, ("web", 2, 8.0))])
    assert sorted(found["web"]) == [[(10, 5.0)], [(20, 7.0), (30, 8.0)]]


def test_each_backend_of_the_database_is_a_life_of_its_own():
    found = lives([sample(10, ("postgres", 1, 5.0), ("backend", 2, 3.0), ("backend", 3, 2.0))])
    assert found == {"postgres": [[(10, 5.0)]], "backend": [[(10, 3.0)], [(10, 2.0)]]}


def test_readers_of_documents_come_and_go_and_are_not_judged():
    assert lives([sample(10, ("reader", 1, 5.0))]) == {}
