"""Answers that grow: what is shown of them before their end, and what never is."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
import redis
import uuid_utils.compat as uuid_utils

from prompts import calling, partials
from prompts.partials import KEY, LIFETIME_SECONDS, MOST_CHARACTERS, Growing
from prompts.quiet_redis import QuietRedis
from prompts.services.execution import Claim
from providers.base import CompletionRequest
from providers.exceptions import ErrorClass
from providers.simulator import SimulatorProvider

TEXT = "one two three four"


def wait_for(condition: Callable[[], Any], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def claim(token: int = 7, *, is_sandbox: bool = True, **parameters: Any) -> Claim:
    simulate = {"text": TEXT, "chunks": 4} | parameters.pop("simulate", {})
    parameters |= {"simulate": simulate}
    return Claim(
        uuid_utils.uuid7(), token, 1, "simulator/default", "text", "Say it.", parameters, is_sandbox=is_sandbox
    )


@pytest.fixture
def client(settings: Any) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[Callable[[str], None]]:
    """Has partials look for Redis at another address."""
    usual = partials._redis

    def move(url: str) -> None:
        settings.REDIS_URL = url
        partials._redis = QuietRedis("nothing grows")

    yield move
    partials._redis = usual


def stored(client: redis.Redis, request_id: UUID) -> Any:
    return client.get(KEY.format(request_id))


def test_what_came_so_far_can_be_read_by_whoever_knows_the_lease(client: redis.Redis) -> None:
    growing = Growing(request_id := uuid_utils.uuid7(), 7)
    growing.add("สวัส")
    growing.add("ดี")
    wait_for(lambda: partials.read(request_id, 7) == "สวัสดี")
    assert 0 < client.ttl(KEY.format(request_id)) <= LIFETIME_SECONDS


def test_what_an_earlier_attempt_left_is_not_shown() -> None:
    Growing(request_id := uuid_utils.uuid7(), 7).add("old")
    wait_for(lambda: partials.read(request_id, 7))
    assert partials.read(request_id, 8) == ""


def test_a_forgotten_one_is_gone(client: redis.Redis) -> None:
    Growing(request_id := uuid_utils.uuid7(), 7).add("x")
    wait_for(lambda: stored(client, request_id))
    partials.forget(request_id)
    wait_for(lambda: stored(client, request_id) is None)


def test_a_quick_stream_is_written_a_few_times_a_second_only() -> None:
    growing, writes = Growing(uuid_utils.uuid7(), 7), []
    with patch.object(partials, "_write", autospec=True, side_effect=lambda _client, waiting: writes.append(waiting)):
        ends = time.monotonic() + 0.6
        while time.monotonic() < ends:
            growing.add("x")
    assert 1 <= len(writes) <= 4


def test_a_mistake_of_ours_in_writing_does_not_end_it() -> None:
    with patch.object(partials, "_write", autospec=True, side_effect=ZeroDivisionError) as write:
        Growing(uuid_utils.uuid7(), 7).add("x")
        wait_for(lambda: write.called)
    Growing(request_id := uuid_utils.uuid7(), 7).add("y")
    wait_for(lambda: partials.read(request_id, 7) == "y")


def test_more_than_a_page_shows_is_not_kept() -> None:
    growing = Growing(uuid_utils.uuid7(), 7)
    for _ in range(30):
        growing.add("x" * 10_000)
    assert bytes(growing) == b"7\n" + b"x" * MOST_CHARACTERS


def test_a_foreign_value_in_its_place_is_no_partial(client: redis.Redis) -> None:
    client.rpush(KEY.format(request_id := uuid_utils.uuid7()), "x")
    assert partials.read(request_id, 7) == ""


def test_a_redis_that_hangs_costs_one_short_wait(elsewhere: Callable[[str], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        started = time.monotonic()
        assert [partials.read(uuid_utils.uuid7(), 1) for _ in range(50)] == [""] * 50
    assert time.monotonic() - started < 2


def test_an_answer_comes_whole_without_redis(elsewhere: Callable[[str], None]) -> None:
    elsewhere("redis://127.0.0.1:1/0")
    result = asyncio.run(calling.attempt(claim()))
    assert result.completion is not None
    assert result.completion.text == TEXT


def test_a_try_out_is_streamed_and_can_be_watched() -> None:
    watched = claim(simulate={"chunk_interval_ms": 100})
    seen: list[str] = []

    async def run() -> Any:
        call = asyncio.create_task(calling.attempt(watched))
        while not call.done():
            seen.append(await asyncio.to_thread(partials.read, watched.request_id, watched.token))
            await asyncio.sleep(0.02)
        return call.result()

    assert asyncio.run(run()).completion.text == TEXT
    parts = {text for text in seen if text}
    assert parts
    assert all(TEXT.startswith(part) for part in parts)


@pytest.mark.parametrize(
    ("parameters", "is_sandbox", "way"),
    [
        ({}, True, "stream"),
        ({"stream": False}, True, "complete"),
        ({}, False, "complete"),
        ({"stream": True}, False, "stream"),
    ],
)
def test_only_who_waits_before_a_page_gets_a_stream_unasked(
    parameters: dict[str, Any], is_sandbox: bool, way: str
) -> None:
    with patch.object(SimulatorProvider, way, autospec=True, side_effect=getattr(SimulatorProvider, way)) as called:
        asyncio.run(calling.attempt(claim(is_sandbox=is_sandbox, **parameters)))
    called.assert_called_once()


def test_a_vendor_that_can_not_stream_is_asked_for_the_whole() -> None:
    with patch.object(SimulatorProvider, "supported_options", frozenset({"simulate"})):
        result = asyncio.run(calling.attempt(claim(simulate={"chunk_interval_ms": 60_000})))
    assert result.completion is not None
    assert result.completion.text == TEXT


def test_nothing_of_an_ordinary_stream_is_published(client: redis.Redis) -> None:
    ordinary = claim(is_sandbox=False, stream=True)
    with patch.object(partials._writer, "put", autospec=True) as put:
        asyncio.run(calling.attempt(ordinary))
    put.assert_not_called()


def test_a_part_is_never_taken_for_the_answer() -> None:
    async def cut(_provider: Any, _request: CompletionRequest) -> AsyncIterator[Any]:
        async for item in whole(_provider, _request):
            yield item
            return

    whole = SimulatorProvider.stream
    with patch.object(SimulatorProvider, "stream", cut):
        result = asyncio.run(calling.attempt(claim()))
    assert (result.completion, result.failure and result.failure.error_class) == (None, ErrorClass.STREAM_TRUNCATED)
