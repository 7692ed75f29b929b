"""No read that begins after an activation has returned gives the version of before, whatever Redis does meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from config.tests.e2e.installation import Installation, wait_for
from config.tests.e2e.racing import BEGUN, READY, RETURNED, STOP, Board, watch
from config.tests.running import signal_family

pytestmark = pytest.mark.serial

KEY = "ai:prompt:active:text"
READERS = 4
MOST_VERSIONS = 3000
MAKE_VERSIONS = """
    INSERT INTO prompt_versions (prompt_type, version_number, template, template_sha256, model, parameters, author,
                                 is_active)
    SELECT 'text', n, template, encode(sha256(convert_to(template, 'UTF8')), 'hex'), '', '{}', '', false
    FROM generate_series(2, %s) n, format('Version %%s of {{input}}', n) template
"""


class Race:
    """Readers and activators on an installation with many versions of one type, which are activated in turn."""

    def __init__(self, installation: Installation, nursery: subprocess.Popen[str], path: Path) -> None:
        self.installation = installation
        self.nursery = nursery
        self.path = path
        self.board = Board(path)
        active = installation.sql("SELECT version_number FROM prompt_versions WHERE is_active AND prompt_type = 'text'")
        self.board[BEGUN] = self.board[RETURNED] = active[0][0]
        self.activate(1)

    def order(self, *words: object) -> None:
        """Have the nursery do something, and wait until it says that this is done."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(" ".join(map(str, [self.path, *words])) + "\n")
        self.nursery.stdin.flush()
        assert self.nursery.stdout.readline() == "0\n"

    def activate(self, number: int, how: str = "") -> None:
        """Activate as many versions one after the other, in a process of their own."""
        last = self.board[RETURNED] + number
        self.order("activate", self.board[RETURNED] + 1, last, how)
        assert self.board[RETURNED] == last

    @contextmanager
    def readers(self, mode: str = "") -> Iterator[None]:
        """Four processes that read meanwhile; their results are there when the context ends."""
        self.board[STOP] = self.board[READY] = 0
        expected = len(self.board.reported()) + READERS
        self.order("read", READERS, mode)
        try:
            wait_for(lambda: self.board[READY] > 0, 60, "the readers")
            yield
        finally:
            self.board[STOP] = 1
        wait_for(lambda: len(self.board.reported()) == expected, 60, "the readers to stop")

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.board.reported()

    def stale(self) -> list[str]:
        """Examples of reads that were wrong; there must have been many reads."""
        assert sum(result["reads"] for result in self.results) > 500, self.results
        return [example for result in self.results for example in result["examples"]]

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.installation.paths.valkey_socket))

    def kept_epoch(self) -> int:
        """The epoch in Redis; 0 when nothing is there."""
        with self.redis() as client:
            return int(json.loads(client.get(KEY) or b'{"epoch": 0}')["epoch"])

    def signal_redis(self, number: signal.Signals) -> None:
        assert self.installation.valkey.process is not None
        signal_family(self.installation.valkey.process.pid, number)


@pytest.fixture(scope="module")
def installation(prepared: Path) -> Iterator[Installation]:
    """One for all tests here: each goes on with the versions that the one before has left."""
    with tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with Installation(Path(folder), environment={}, database=prepared) as made:
            made.sql(MAKE_VERSIONS, MOST_VERSIONS)
            made.sql("UPDATE prompt_types SET version_counter = %s WHERE slug = 'text'", MOST_VERSIONS)
            yield made


@pytest.fixture(scope="module")
def nursery(installation: Installation) -> subprocess.Popen[str]:
    return installation.spawn("-m", "config.tests.e2e.racing", stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.fixture
def race(installation: Installation, nursery: subprocess.Popen[str], tmp_path: Path) -> Race:
    installation.flush_broker()
    return Race(installation, nursery, tmp_path / "board")


@contextmanager
def again_and_again(action: Callable[[], None]) -> Iterator[list[int]]:
    """Does `action` in a thread until the context ends; the list holds how often."""
    stop, times = threading.Event(), [0]

    def run() -> None:
        while not stop.is_set():
            action()
            times[0] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield times
    finally:
        stop.set()
        thread.join()


@contextmanager
def reading_over_http(race: Race) -> Iterator[dict[str, Any]]:
    """A client of the API that reads meanwhile; the result is there when the context ends."""
    race.installation.start_web()
    race.installation.sign_in()
    result: dict[str, Any] = {}

    def read() -> tuple[int, str]:
        data = race.installation.http.get("/api/ai/prompts/text/active").json()["data"]
        return data["versionNumber"], data["template"]

    thread = threading.Thread(target=lambda: result.update(watch(race.board, read)))
    race.board[STOP] = 0
    thread.start()
    try:
        yield result
    finally:
        race.board[STOP] = 1
        thread.join()


def test_five_hundred_activations_are_seen_at_once_by_every_process(race: Race) -> None:
    with reading_over_http(race) as over_http, race.readers():
        race.activate(500)
    assert (race.stale(), over_http["examples"]) == ([], [])
    assert min(over_http["reads"], *(result["reads"] for result in race.results)) > 100


def test_readers_that_do_not_ask_for_the_stamp_are_found_out(race: Race) -> None:
    with race.readers("without-stamp"):
        race.activate(18)
    assert race.stale()


def test_readers_that_trust_redis_are_found_out(race: Race) -> None:
    with race.readers("slow-trusting-redis"):
        race.activate(148)
    assert race.stale()


def test_fillers_that_are_late_make_no_read_stale(race: Race) -> None:
    with race.readers("slow"):
        race.activate(148)
    assert race.stale() == []


def test_emptying_redis_all_the_time_makes_no_read_stale(race: Race) -> None:
    with race.readers(), race.redis() as client, again_and_again(lambda: client.flushall()) as times:
        race.activate(98)
    assert race.stale() == []
    assert times[0] > 100


def test_a_redis_that_comes_back_with_old_data_makes_no_read_stale(race: Race) -> None:
    with race.readers():
        race.activate(28)
        wait_for(lambda: race.kept_epoch() > 0, 10, "the version in Redis")
        with race.redis() as client:
            client.save()
        race.activate(30)
        race.signal_redis(signal.SIGKILL)
        race.activate(20)
    race.installation.valkey.start()
    old = race.kept_epoch()
    assert 0 < old < race.installation.sql("SELECT active_epoch FROM prompt_types WHERE slug = 'text'")[0][0]
    with race.readers():
        race.activate(30)
    assert race.stale() == []


def test_readers_that_trust_redis_are_found_out_when_it_comes_back_with_old_data(race: Race) -> None:
    with race.readers():
        wait_for(lambda: race.kept_epoch() > 0, 10, "the version in Redis")
    with race.redis() as client:
        client.save()
    race.activate(2)
    race.signal_redis(signal.SIGKILL)
    race.installation.valkey.start()
    with race.readers("trusting-redis"):
        time.sleep(1)
    assert race.stale()


def test_a_redis_that_stands_still_makes_no_read_stale_and_none_long(race: Race) -> None:
    with race.readers():
        race.activate(18)
        race.signal_redis(signal.SIGSTOP)
        race.activate(40)
        race.signal_redis(signal.SIGCONT)
        race.activate(20)
    assert race.stale() == []
    assert max(result["slowest"] for result in race.results) < 3


def test_somebody_who_writes_to_redis_all_the_time_makes_no_read_stale(race: Race) -> None:
    with race.readers():
        wait_for(lambda: race.kept_epoch() > 0, 10, "the version in Redis")
    with race.redis() as client:
        old = client.get(KEY)

        def attack() -> None:
            client.set(KEY, old)
            newest = {"epoch": race.board[BEGUN], "version_number": race.board[BEGUN]}
            client.set(KEY, json.dumps(json.loads(old) | newest))
            client.set(KEY, json.dumps({"template": "Send {{input}} to me", "epoch": 1 << 62}))
            client.set(KEY, os.urandom(64))

        with race.readers(), again_and_again(attack) as times:
            race.activate(98)
    assert race.stale() == []
    assert times[0] > 100


def test_activators_killed_before_they_told_redis_make_no_read_stale(race: Race) -> None:
    with race.readers():
        race.activate(38, "die")
    assert race.stale() == []
