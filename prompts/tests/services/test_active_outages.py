"""Reading and activating while Redis is away, hangs, or refuses."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from prompts import active_cache
from prompts.services import active, lifecycle
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "pa55word-of-redis"


@pytest.fixture
def redis_at(settings: Any) -> Iterator[Callable[[str], None]]:
    """Has this process look for Redis elsewhere, as if it had just started."""

    def restart() -> None:
        active_cache._kept.clear()
        active_cache._client.cache_clear()
        active_cache._silent_until = 0.0

    def move(url: str) -> None:
        settings.REDIS_URL = url
        restart()

    yield move
    restart()


@pytest.fixture
def nowhere(redis_at: Callable[[str], None], tmp_path: Path) -> None:
    redis_at(f"unix://:{SECRET}@{tmp_path}/nothing-here.sock")


@pytest.fixture
def silence(redis_at: Callable[[str], None]) -> Iterator[None]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        redis_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


def seconds_of(action: Callable[[], Any]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


@pytest.mark.usefixtures("nowhere")
def test_without_redis_postgresql_answers() -> None:
    new = make_version("new {{input}}")
    assert active.read("text").version_number == 1
    lifecycle.activate_version("text", new.version_number, actor=make_user())
    assert active.read("text").version_id == new.pk


@pytest.mark.usefixtures("silence")
def test_a_redis_that_hangs_costs_one_short_wait() -> None:
    assert 0.1 < seconds_of(lambda: active.read("text")) < 2
    active_cache._kept.clear()
    assert seconds_of(lambda: active.read("text")) < 0.2


@pytest.mark.usefixtures("silence")
def test_a_redis_that_hangs_does_not_hold_an_activation_up() -> None:
    new = make_version()
    took = seconds_of(lambda: lifecycle.activate_version("text", new.version_number, actor=make_user()))
    assert took < 2
    assert active.read("text").version_id == new.pk


@pytest.mark.usefixtures("nowhere")
def test_redis_is_asked_again_after_some_seconds(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(active_cache, "SECONDS_AFTER_FAILURE", 0.3)
    active.read("text")
    settings.REDIS_URL = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://")
    active_cache._client.cache_clear()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete("ai:prompt:active:text")
        active_cache._kept.clear()
        active.read("text")
        assert server.get("ai:prompt:active:text") is None
        time.sleep(0.3)
        active_cache._kept.clear()
        active.read("text")
        assert server.get("ai:prompt:active:text") is not None


@pytest.mark.usefixtures("nowhere")
def test_the_warning_holds_neither_address_nor_password(caplog: pytest.LogCaptureFixture) -> None:
    active.read("text")
    (record,) = [record for record in caplog.records if record.name == "prompts.active_cache"]
    assert "Redis does not answer" in record.getMessage()
    assert SECRET not in record.getMessage()
    assert "sock" not in record.getMessage()


def test_a_redis_that_takes_no_writes_is_no_error(redis_at: Callable[[str], None], settings: Any) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        limit = server.config_get("maxmemory")["maxmemory"]
        server.flushall()
        server.config_set("maxmemory", 1)
        try:
            redis_at(settings.REDIS_URL)
            assert active.read("text").version_number == 1
            assert server.get("ai:prompt:active:text") is None
        finally:
            server.config_set("maxmemory", limit)
