"""Which faults come is said by the seed alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.soak.faults import FAULTS, USUAL_SEED, Fault, drawn
from benchmarks.soak.roles import POSTGRES, SCHEDULER, WEB, WORKER, is_helper, role_of
from benchmarks.soak.slopes import LEAST_SECONDS, MINUTE, WARM_UP_SECONDS
from config.management.commands.run import child_specs

SEEDS = range(12)


def names(seed: int, number: int) -> list[str]:
    return [fault.name for fault in drawn(seed, number)]


def test_the_same_seed_gives_the_same_faults_and_another_others():
    assert names(1, 29) == names(1, 29)
    assert len({tuple(names(seed, 29)) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_half_an_hour_has_every_fault(seed):
    assert set(names(seed, 29)) == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fault_comes_a_third_time_before_every_one_came_twice(seed):
    assert max(Counter(names(seed, 29)).values()) <= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_killed_only_in_the_first_third(seed):
    ends = [place for place, fault in enumerate(drawn(seed, 29)) if fault.ends_everything]
    assert max(ends) <= 29 / 3


@pytest.mark.parametrize("part", ["web", "of a worker", "scheduler", "PostgreSQL", "Valkey: S", "Valkey: k"])
def test_the_usual_seed_lets_a_process_of_each_kind_live_long_enough_to_be_judged(part):
    ends = [0, *(minute for minute, fault in enumerate(drawn(USUAL_SEED, 29), start=1) if strikes(fault, part)), 30]
    longest = max(later - earlier for earlier, later in pairwise(ends))
    assert longest * MINUTE >= WARM_UP_SECONDS + LEAST_SECONDS + MINUTE


def strikes(fault: Fault, part: str) -> bool:
    """Whether a process of that kind may end by it."""
    return fault.ends_everything or part in fault.name


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_a_short_run_has_as_many_faults_as_were_asked_for(number):
    assert len(names(1, number)) == number


@pytest.mark.parametrize(("name", "role"), [("web", WEB), ("worker", WORKER), ("scheduler", SCHEDULER)])
def test_the_parts_are_known_by_how_they_are_started(name, role):
    (spec,) = [spec for spec in child_specs() if spec.name == name]
    assert role_of(list(spec.command)) == role


@pytest.mark.parametrize(
    ("role", "command", "helper"),
    [
        (POSTGRES, "postgres: postgres ai_prompt_manager [local] idle", False),
        (POSTGRES, "postgres: checkpointer ", True),
        (WEB, "python -m granian --interface wsgi config.wsgi:application", False),
        (WEB, "python -c from multiprocessing.resource_tracker import main;main(7)", True),
    ],
)
def test_helpers_of_servers_are_nobody_to_judge_or_to_strike(role, command, helper):
    assert is_helper(role, command) is helper
