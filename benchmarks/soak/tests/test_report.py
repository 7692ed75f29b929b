"""What the docs show of a run."""

from __future__ import annotations

from benchmarks.soak.judging import Verdict
from benchmarks.soak.report import markdown

RULE = Verdict("every request has ended", "0", "0", True)
BROKEN = Verdict("a key is answered once", "2", "0", False, "k: ['a', 'b']; l: ['c', 'd']")
RECOVERY = Verdict("recovery: Valkey: kill -9", "3.1 s serving, 4.0 s whole", "90 s", True, "2 times")
MEMORY = Verdict("memory: worker", "+1.20 MB/h", "5 MB/h", True, "3 lives")


def result(*verdicts: Verdict) -> str:
    return markdown(
        {
            "minutes": 30,
            "seed": 1,
            "machine": {"cores": 2, "at": "2026-11-21 17:00 UTC"},
            "recoveries": [{}, {}],
            "calls": {"ask": {"calls": 10, "outage": 1}, "look": {"calls": 5, "outage": 0}},
            "requests": 9,
            "abandoned": 3,
            "refused": 4,
            "verdicts": [verdict.as_dict() for verdict in verdicts],
        }
    )


def test_a_fault_is_a_row_with_its_slowest_recovery():
    assert "| Valkey: kill -9 | 3.1 s serving, 4.0 s whole | 90 s | 2 |" in result(RECOVERY)


def test_what_was_judged_besides_is_a_row():
    assert "| memory: worker | +1.20 MB/h | 5 MB/h | 3 lives |" in result(MEMORY)


def test_rules_are_counted_and_the_broken_ones_named():
    shown = result(RULE, BROKEN)
    assert "Rules asked of the data: 2, kept: 1." in shown
    assert "BROKEN: a key is answered once (2): k: ['a', 'b']; l: ['c', 'd']" in shown


def test_where_all_rules_were_kept_nothing_is_called_broken():
    assert "BROKEN" not in result(RULE, RECOVERY, MEMORY)


def test_the_first_line_says_what_was_done():
    assert "2 faults, 15 calls, 9 requests, 3 calls abandoned, 4 late results refused." in result(RULE)
