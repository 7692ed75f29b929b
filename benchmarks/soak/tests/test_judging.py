"""A run is good only where nothing was broken and no limit was passed."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.soak import judging
from benchmarks.soak.recovery import NOBODY
from benchmarks.soak.slopes import HOUR, MEGABYTE

KILL = "kill -9 of a worker"


def recovery(serving: float | None = 2.0, whole: float | None = 60.0, minute: float = 1.0) -> dict[str, Any]:
    return {"fault": KILL, "struck": "process 1", "minute": minute, "serving": serving, "whole": whole}


def sample(at: float, *, own: float = 80.0, **facts: Any) -> dict[str, Any]:
    """One look at one worker that began at 0; `own` in megabytes."""
    files = {"files": facts.pop("files", 40), "lasting_files": facts.pop("lasting_files", 30)}
    process = {"role": "worker", "pid": 7, "started": 0.0, "own": own * MEGABYTE} | files
    usual = {"at": at, "clock": at, "processes": [process], "connections": 20.0, "oldest_due": 0.1, "log_bytes": 0}
    return usual | facts


def half_an_hour(per_hour: float) -> list[dict[str, Any]]:
    return [sample(at, own=80 + per_hour * at / HOUR) for at in range(0, 1800, 10)]


def test_a_rule_that_something_breaks_is_broken_and_shows_examples():
    kept, broken = judging.of_rules({"one": [], "two": ["a", "b", "c", "d"]})
    assert (kept.good, broken.good, broken.value, broken.remarks) == (True, False, "4", "a; b; c")


@pytest.mark.parametrize(
    ("found", "good"),
    [
        (recovery(2, 60), True),
        (recovery(91, 91), False),
        (recovery(2, 91), False),
        (recovery(None, None), False),
        (recovery(2, None), False),
    ],
)
def test_a_recovery_is_good_within_its_limit(found, good):
    (verdict,) = judging.of_recoveries([found])
    assert verdict.good is good


def test_of_many_recoveries_from_one_fault_the_slowest_counts():
    (verdict,) = judging.of_recoveries([recovery(2, 60), recovery(30, 65), recovery(1, 1)])
    assert (verdict.value, verdict.remarks) == ("30.0 s serving, 65.0 s whole", "3 times")


def test_a_fault_that_struck_nobody_is_no_recovery():
    missed = recovery(0.5, 1) | {"struck": NOBODY}
    (verdict,) = judging.of_recoveries([missed])
    assert (verdict.good, verdict.remarks) == (None, "0 times")
    (verdict,) = judging.of_recoveries([missed, recovery(30, 65)])
    assert (verdict.good, verdict.remarks) == (True, "1 times")


@pytest.mark.parametrize(("leak", "good"), [(0, True), (4, True), (6, False), (40, False)])
def test_memory_may_not_grow_by_five_megabytes_an_hour(leak, good):
    (verdict,) = judging.of_memory(half_an_hour(leak))
    assert verdict.good is good


def test_one_piece_of_the_allocator_in_a_short_life_is_no_leak():
    step = [sample(at, own=80 + (at > 600)) for at in range(0, 900, 10)]
    (verdict,) = judging.of_memory(step)
    assert verdict.good is True


def test_a_run_that_was_too_short_judges_no_memory():
    (verdict,) = judging.of_memory([sample(at) for at in range(0, 600, 10)])
    assert verdict.good is None


def test_many_open_files_are_found():
    (verdict,) = judging.of_files([sample(0), sample(10, files=500)])
    assert verdict.good is False


def test_files_that_postgresql_keeps_open_are_its_own_affair():
    backend = {"role": "backend", "pid": 8, "started": 0.0, "own": 0, "files": 900, "lasting_files": 900}
    (verdict,) = judging.of_files([sample(0) | {"processes": [backend]}])
    assert verdict.good is True


def test_open_files_that_become_more_all_the_time_are_found():
    (verdict,) = judging.of_files([sample(at, lasting_files=30 + at // 100) for at in range(0, 1800, 10)])
    assert verdict.good is False


def test_a_connection_or_two_more_are_no_growth_of_open_files():
    (verdict,) = judging.of_files([sample(at, lasting_files=30 + at // 400) for at in range(0, 900, 10)])
    assert verdict.good is True


def test_connections_of_more_and_more_calls_in_hand_are_no_growth_of_open_files():
    (verdict,) = judging.of_files([sample(at, files=40 + at // 100) for at in range(0, 1800, 10)])
    assert verdict.good


def test_clients_that_come_back_to_valkey_are_no_growth_of_its_own():
    def valkey(at: int) -> dict[str, Any]:
        return {
            "role": "valkey",
            "pid": 8,
            "started": 0.0,
            "own": 0,
            "files": 24 + at // 60,
            "lasting_files": 24 + at // 60,
        }

    (verdict,) = judging.of_files([sample(at) | {"processes": [valkey(at)]} for at in range(0, 1200, 10)])
    assert verdict.good


def test_open_files_that_stay_as_they_are_are_good():
    (verdict,) = judging.of_files([sample(at) for at in range(0, 1800, 10)])
    assert verdict.good is True


@pytest.mark.parametrize(("number", "good"), [(50.0, True), (51.0, False), (None, True)])
def test_connections_to_postgresql_are_limited(number, good):
    (verdict,) = judging.of_connections([sample(0), sample(10, connections=number)])
    assert verdict.good is good


def test_a_request_that_waits_while_nothing_is_broken_is_found():
    (verdict,) = judging.of_queue([sample(50, oldest_due=6.0)], [recovery(minute=1)], began=0)
    assert verdict.good is False


def test_a_request_may_wait_while_something_is_broken():
    (verdict,) = judging.of_queue([sample(65, oldest_due=20.0)], [recovery(30, 60, minute=1)], began=0)
    assert (verdict.good, verdict.remarks) == (True, "20.0 s while something was broken")


def test_a_queue_that_could_not_be_asked_is_not_a_long_one():
    (verdict,) = judging.of_queue([sample(50, oldest_due=None)], [], began=0)
    assert verdict.good is True


def test_logs_are_judged_by_the_hour():
    (verdict,) = judging.of_logs([sample(0), sample(HOUR / 60, log_bytes=3 * MEGABYTE)])
    assert (verdict.value, verdict.good) == ("180.0 MB/h", False)


def call(begun: float, status: int, *, ended: float | None = None) -> dict[str, Any]:
    return {"do": "ask", "begun": begun, "ended": begun + 0.1 if ended is None else ended, "status": status}


@pytest.mark.parametrize(
    ("entry", "good"),
    [
        (call(150, 201), True),
        (call(150, 404), True),
        (call(150, 0), False),
        (call(150, 500), False),
        (call(150, 503), False),
        (call(30, 503), False),
    ],
)
def test_while_nothing_is_broken_every_call_is_answered(entry, good):
    """A fault at 100 s and one at 220 s, both over after 10 s; the run began at 0."""
    found = [recovery(10, minute=100 / 60), recovery(10, minute=220 / 60)]
    (verdict,) = judging.of_calls([entry], found, 0.0)
    assert (verdict.good, verdict.value) == (good, "1 of 1" if good else "0 of 1")


@pytest.mark.parametrize("entry", [call(101, 0), call(124, 503), call(150, 0, ended=221), call(218, 503)])
def test_calls_that_a_fault_may_have_touched_are_not_judged(entry):
    found = [recovery(10, minute=100 / 60), recovery(10, minute=220 / 60)]
    (verdict,) = judging.of_calls([entry], found, 0.0)
    assert (verdict.good, verdict.value) == (None, "0 of 0")


def test_after_a_fault_that_nothing_recovered_from_no_call_is_judged_until_another_is_over():
    found = [recovery(None, None, minute=1.0), recovery(10, minute=2.0)]
    (verdict,) = judging.of_calls([call(100, 503), call(150, 201)], found, 0.0)
    assert (verdict.good, verdict.value) == (True, "1 of 1")


def test_a_call_that_was_lost_is_named_with_its_time():
    (verdict,) = judging.of_calls([call(1030, 503)], [], 1000.0)
    assert verdict.remarks == "ask at 30 s: 503"
