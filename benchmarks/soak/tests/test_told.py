"""What the clients were told shows lost, doubled and stale answers."""

from __future__ import annotations

from typing import Any

from benchmarks.soak import told


def entry(do: str, begun: float = 0.0, ended: float = 1.0, status: int = 200, **facts: Any) -> dict[str, Any]:
    return {"do": do, "begun": begun, "ended": ended, "status": status} | facts


def activate(version: int, begun: float, ended: float, status: int = 200) -> dict[str, Any]:
    return entry("activate", begun, ended, status, version=version)


def resolve(version: int, begun: float, ended: float) -> dict[str, Any]:
    return entry("resolve", begun, ended, version=version)


FIRST, SECOND = activate(1, 0, 1), activate(2, 10, 12)


def test_a_read_after_an_activation_gives_its_version():
    assert told.stale_reads([FIRST, SECOND, resolve(2, 13, 14)]) == []


def test_the_version_of_before_after_the_activation_returned_is_stale():
    assert told.stale_reads([FIRST, SECOND, resolve(1, 12.5, 13)]) == [
        "resolve of 12.500 to 13.000 gave version 1",
    ]


def test_during_an_activation_either_version_is_right():
    assert told.stale_reads([FIRST, SECOND, resolve(1, 11, 15), resolve(2, 9, 10.5)]) == []


def test_a_version_that_was_not_activated_yet_is_wrong():
    assert len(told.stale_reads([FIRST, SECOND, resolve(2, 8, 9)])) == 1


def test_an_activation_without_an_answer_may_have_been_done_or_not():
    lost = activate(2, 10, 12, status=0)
    assert told.stale_reads([FIRST, lost, resolve(1, 13, 14), resolve(2, 15, 16)]) == []


def test_once_it_was_answered_at_the_second_try_the_version_of_before_is_stale():
    tries = [activate(2, 10, 12, status=503), activate(2, 13, 14)]
    assert len(told.stale_reads([FIRST, *tries, resolve(1, 15, 16)])) == 1


def test_the_order_of_the_journal_does_not_matter():
    assert len(told.stale_reads([resolve(1, 12.5, 13), SECOND, FIRST])) == 1


def test_a_request_that_was_made_of_an_old_version_is_a_stale_read_too():
    asked = entry("resolve by asking", 13, 14, 201, id="a", version=1)
    assert len(told.stale_reads([FIRST, SECOND, asked])) == 1


def test_the_first_answer_given_again_is_no_stale_read():
    again = entry("resolve by asking", 13, 14, 201, id="a", version=1, replayed=True)
    assert told.stale_reads([FIRST, SECOND, again]) == []


def test_a_key_that_was_answered_with_two_ids_is_found():
    twice = [entry("ask with key", key="k", id="a"), entry("ask with key", key="k", id="b")]
    same = [entry("ask with key", key="l", id="c"), entry("ask with key", key="l", id="c")]
    assert told.two_answers_to_a_key([*twice, *same]) == ["k: ['a', 'b']"]


def test_a_number_that_two_versions_got_is_found():
    given = [entry("write version", number=3, sha256="x"), entry("write version", number=3, sha256="y")]
    assert told.numbers_given_twice([*given, entry("write version", number=4, sha256="x")]) == ["version 3"]


def test_a_request_that_ended_in_two_ways_is_found():
    seen = [entry("look", id="a", state="completed"), entry("look", id="a", state="failed")]
    assert told.changed_ends([entry("look", id="a", state="pending"), *seen]) == ["a: ['completed', 'failed']"]


def test_an_answer_that_nobody_may_get_is_a_surprise_and_so_is_giving_up():
    found = told.surprises([entry("ask", status=500, surprise="boom"), entry("gave up", status=-1, facts="batch")])
    assert found == ["ask: 500 boom", "batch: not done after minutes"]


def test_what_was_accepted_is_what_was_answered_with_an_id():
    entries = [entry("ask", status=201, id="a"), entry("ask", status=503), entry("look", id="b")]
    assert told.accepted(entries) == {"a"}


def test_calls_are_counted_with_those_that_an_outage_took():
    entries = [entry("ask", status=201), entry("ask", status=503), entry("ask", status=0)]
    assert told.counts(entries) == {"ask": {"calls": 3, "outage": 2}}
