"""The embedded Valkey as a real server: a socket of its own, nothing on disk, recovery from a kill."""

import os
import signal
import stat
from collections.abc import Iterator

import psutil
import pytest
import redis

from config.embedded.paths import EmbeddedPaths
from config.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.serial


@pytest.fixture
def valkey(embedded_paths: EmbeddedPaths) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(embedded_paths) as server:
        yield server


def client_of(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.paths.valkey_socket), decode_responses=True)


def test_it_answers_on_its_socket_only(valkey: EmbeddedValkey) -> None:
    with client_of(valkey) as client:
        client.set("key", "value")
        assert client.get("key") == "value"
        assert client.config_get("port") == {"port": "0"}


def test_only_its_owner_gets_in(valkey: EmbeddedValkey) -> None:
    assert stat.S_IMODE(valkey.socket_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(valkey.paths.valkey_socket.stat().st_mode) == 0o700


def test_it_keeps_nothing_on_disk(valkey: EmbeddedValkey) -> None:
    with client_of(valkey) as client:
        client.set("key", "value")
    valkey.stop()

    assert list(valkey.working_dir.iterdir()) == []


def test_a_killed_one_is_started_again_over_its_stale_socket(valkey: EmbeddedValkey) -> None:
    assert valkey.process is not None
    os.kill(valkey.process.pid, signal.SIGKILL)
    valkey.process.wait()
    assert valkey.paths.valkey_socket.exists()
    valkey.start()

    assert valkey.is_healthy()


def test_one_that_runs_already_is_used_and_left_running(valkey: EmbeddedValkey, embedded_paths: EmbeddedPaths) -> None:
    with EmbeddedValkey(embedded_paths) as second:
        assert second.process is None

    assert valkey.is_healthy()


def test_a_frozen_leftover_is_replaced(valkey: EmbeddedValkey, embedded_paths: EmbeddedPaths) -> None:
    assert valkey.process is not None
    os.kill(valkey.process.pid, signal.SIGSTOP)
    with EmbeddedValkey(embedded_paths) as second:
        assert second.is_healthy()
        assert second.process is not None

    assert not psutil.pid_exists(valkey.process.pid)
