"""The engine in this process, against real PostgreSQL, with the simulator as the vendor."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import DataError, InternalError, OperationalError

from prompts.engine import Engine
from prompts.models import PromptRequest, PromptResponse
from prompts.services import execution, presence, recording, recovery, submission
from prompts.tests.factories import let_lease_run_out, make_request, make_user, make_version
from providers import registry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick(settings) -> None:
    settings.POLL_SECONDS = 0.1
    settings.HEARTBEAT_SECONDS = 0.2
    settings.SWEEP_SECONDS = 0.2


@pytest.fixture
def engine(quick: None) -> Iterator[Engine]:
    engine = Engine(worker_name="w1", slots=50)
    engine.start()
    yield engine
    engine.stop(grace=0)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def status(request: PromptRequest) -> str:
    return PromptRequest.objects.values_list("status", flat=True).get(pk=request.pk)


def slow(milliseconds: int) -> dict[str, object]:
    return {"simulate": {"latency_ms": milliseconds}}


def test_a_due_request_is_answered(engine: Engine) -> None:
    request = make_request()
    wait_for(lambda: status(request) == "completed")
    assert PromptResponse.objects.get().prompt_id == request.id


def test_a_streamed_request_is_answered_whole(engine: Engine) -> None:
    request = make_request(parameters={"stream": True, "simulate": {"text": "one two three"}})
    wait_for(lambda: status(request) == "completed")
    assert PromptResponse.objects.get().response_text == "one two three"


def test_a_worker_shows_itself_while_its_engine_runs_and_says_when_it_ends(engine: Engine) -> None:
    make_request(parameters=slow(3000))
    wait_for(lambda: [(worker.slots, worker.running) for worker in presence.workers() if worker.is_alive] == [(50, 1)])
    engine.stop(grace=0)
    assert [worker.has_stopped for worker in presence.workers()] == [True]


def test_many_calls_run_at_the_same_time(engine: Engine) -> None:
    user = make_user()
    for _ in range(40):
        make_request(user, parameters=slow(1000))
    started = time.monotonic()
    wait_for(lambda: PromptResponse.objects.count() == 40, 20)
    assert time.monotonic() - started < 10


def test_an_answer_without_its_end_fails_in_the_end(engine: Engine, settings) -> None:
    settings.REQUEST_MAX_ATTEMPTS = 1
    request = make_request(parameters={"stream": True, "simulate": {"cut_stream": True}})
    wait_for(lambda: status(request) == "failed")
    request.refresh_from_db()
    assert request.error_class == "stream_truncated"


def test_a_provider_that_is_no_longer_configured_is_said_to_be(engine: Engine) -> None:
    request = make_request(model="openai/gpt-5-mini")
    wait_for(lambda: status(request) == "failed")
    request.refresh_from_db()
    assert request.error_class == "configuration"


def test_a_call_without_end_is_ended_by_its_deadline(quick: None, settings) -> None:
    settings.REQUEST_DEADLINE_SECONDS = 0.3
    settings.REQUEST_MAX_ATTEMPTS = 1
    engine = Engine(worker_name="w1", slots=5)
    engine.start()
    request = make_request(parameters=slow(60_000))
    wait_for(lambda: status(request) == "failed")
    engine.stop(grace=0)
    request.refresh_from_db()
    assert request.error_class == "timeout"


def test_a_try_out_without_end_is_ended_by_its_own_deadline(quick: None, settings) -> None:
    settings.SANDBOX_DEADLINE_SECONDS = 0.3
    settings.REQUEST_MAX_ATTEMPTS = 1
    engine = Engine(worker_name="w1", slots=5)
    engine.start()
    request = make_request(parameters=slow(60_000), is_sandbox=True, version=make_version())
    wait_for(lambda: status(request) == "failed")
    engine.stop(grace=0)
    request.refresh_from_db()
    assert (request.error_class, "0.3 seconds" in request.error_message) == ("timeout", True)


def test_a_cancelled_call_is_broken_off(engine: Engine) -> None:
    request = make_request(parameters=slow(60_000))
    wait_for(lambda: status(request) == "generating")
    submission.cancel(request.id)
    wait_for(lambda: not engine._running)
    assert (status(request), request.attempts.get().outcome) == ("cancelled", "superseded")


def test_a_request_of_a_lost_worker_is_swept_up_and_run(engine: Engine) -> None:
    with patch.object(execution, "claim", return_value=[]):
        time.sleep(0.3)
        request = make_request()
    wait_for(lambda: status(request) == "completed")
    other = make_request(status="generating", lease_expires_at=request.created_at, deadline_at=request.created_at)
    let_lease_run_out(other)
    wait_for(lambda: status(other) == "completed")


def test_stopping_lets_running_calls_end(quick: None) -> None:
    engine = Engine(worker_name="w1", slots=5)
    engine.start()
    request = make_request(parameters=slow(800))
    wait_for(lambda: status(request) == "generating")
    engine.stop(grace=5)
    assert status(request) == "completed"


def test_stopping_without_grace_gives_running_calls_back(quick: None) -> None:
    engine = Engine(worker_name="w1", slots=5)
    engine.start()
    request = make_request(parameters=slow(60_000))
    wait_for(lambda: status(request) == "generating")
    engine.stop(grace=0)
    assert (status(request), request.attempts.get().outcome) == ("pending", "abandoned")


def test_an_answer_that_can_not_be_stored_fails_alone(engine: Engine) -> None:
    user = make_user()
    make_request(user, parameters={"simulate": {"text": "fine"}})
    poison = make_request(user, parameters={"simulate": {"text": "poison"}})
    real = recording.record

    def record(results):
        if any(result.completion and result.completion.text == "poison" for result in results):
            raise DataError("out of range")
        return real(results)

    with patch.object(recording, "record", autospec=True, side_effect=record):
        wait_for(lambda: PromptRequest.objects.unfinished().filter(attempt_count=0).count() == 0)
        wait_for(lambda: PromptResponse.objects.count() == 1)
        wait_for(lambda: poison.attempts.filter(error_class="bad_response").exists())
    assert PromptResponse.objects.get().response_text == "fine"


@contextmanager
def recording_that_fails(error: Exception, times: int) -> Iterator[list[float]]:
    """The first calls of `record` raise; the list gets the time of each call."""
    real, calls = recording.record, []

    def record(results):
        calls.append(time.monotonic())
        if len(calls) <= times:
            raise error
        return real(results)

    with patch.object(recording, "record", autospec=True, side_effect=record):
        yield calls


def test_a_database_that_takes_no_writes_for_a_moment_costs_no_answer(engine: Engine) -> None:
    with recording_that_fails(InternalError("cannot execute UPDATE in a read-only transaction"), 2) as calls:
        request = make_request()
        wait_for(lambda: status(request) == "completed")
    assert (request.attempts.count(), len(calls)) == (1, 3)


def test_an_error_of_our_own_in_recording_costs_its_one_request_only(engine: Engine) -> None:
    user = make_user()
    with recording_that_fails(ValueError("a bug"), 1):
        requests = [make_request(user), make_request(user)]
        wait_for(lambda: all(request.attempts.exclude(outcome="").exists() for request in requests))
    wait_for(lambda: not engine._running)


def test_a_result_of_which_nothing_can_be_written_is_left_to_the_sweeper(engine: Engine) -> None:
    with recording_that_fails(DataError("out of range"), 1_000_000) as calls:
        request = make_request()
        wait_for(lambda: len(calls) == 2)
        wait_for(lambda: not engine._running)
    assert (status(request), len(calls)) == ("generating", 2)


def test_one_heartbeat_that_fails_costs_no_lease(engine: Engine, settings) -> None:
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 4, 2
    real, calls = execution.heartbeat, []

    def heartbeat(claims):
        calls.append(len(claims))
        if len(calls) == 1:
            raise OperationalError("away")
        return real(claims)

    with patch.object(execution, "heartbeat", autospec=True, side_effect=heartbeat):
        request = make_request(parameters=slow(6000))
        wait_for(lambda: status(request) == "completed", 20)
    assert request.attempts.count() == 1
    assert len(calls) > 2


def test_stopping_writes_down_what_has_ended_already(quick: None, settings) -> None:
    settings.POLL_SECONDS = 5
    real = recording.record

    def record(results):
        time.sleep(0.5)
        return real(results)

    engine = Engine(worker_name="w1", slots=5)
    user = make_user()
    with patch.object(recording, "record", autospec=True, side_effect=record):
        first, second = make_request(user), make_request(user, parameters=slow(200))
        engine.start()
        wait_for(lambda: engine._results.qsize() == 1 and len(engine._running) == 2)
        engine.stop(grace=0)
    assert (status(first), status(second)) == ("completed", "completed")


def test_an_engine_without_free_slots_claims_no_more(quick: None) -> None:
    engine = Engine(worker_name="w1", slots=2)
    engine.start()
    user = make_user()
    requests = [make_request(user, parameters=slow(60_000)) for _ in range(3)]
    wait_for(lambda: status(requests[1]) == "generating")
    time.sleep(0.5)
    assert status(requests[2]) == "pending"
    engine.stop(grace=0)


@contextmanager
def hanging(place: object, name: str) -> Iterator[threading.Event]:
    """A function that doesn't come back before the test is over; the event tells that it was called."""
    called, over = threading.Event(), threading.Event()

    def hang(*args: object, **kwargs: object) -> None:
        called.set()
        over.wait(120)

    with patch.object(place, name, autospec=True, side_effect=hang):
        yield called
        over.set()


def test_a_worker_that_is_stopped_while_it_imports_does_not_wait_for_that(quick: None) -> None:
    engine = Engine(worker_name="w1", slots=5)
    with hanging(registry, "warm_up") as importing:
        engine.start()
        assert importing.wait(30)
        engine.stop(grace=0)
        assert not engine._thread.is_alive()


def test_a_worker_ends_although_postgresql_has_fallen_silent(quick: None) -> None:
    engine = Engine(worker_name="w1", slots=5)
    with hanging(recovery, "sweep") as sweeping:
        engine.start()
        assert sweeping.wait(30)
        engine.stop(grace=30)
        assert not engine._thread.is_alive()


def test_what_is_to_be_done_once_all_is_loaded_is_done_before_the_first_claim(quick: None) -> None:
    steps: list[str] = []

    def claim(*_args: object, **_named: object) -> list[execution.Claim]:
        steps.append("claim")
        return []

    with (
        patch.object(registry, "warm_up", autospec=True, side_effect=lambda: steps.append("load")),
        patch.object(execution, "claim", autospec=True, side_effect=claim),
    ):
        engine = Engine(worker_name="w1", slots=5, once_loaded=lambda: steps.append("loaded"))
        engine.start()
        wait_for(lambda: "claim" in steps)
        engine.stop(grace=5)
    assert steps[:3] == ["load", "loaded", "claim"]


def test_an_engine_that_can_not_run_ends_its_worker(quick: None) -> None:
    ended = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    with patch.object(registry, "warm_up", autospec=True, side_effect=ImportError("broken")):
        engine = Engine(worker_name="w1", slots=5)
        engine.start()
        wait_for(ended.is_set)
    signal.signal(signal.SIGTERM, before)
    engine.wake()
    engine.stop(grace=5)
