"""What is done to the installation, one thing a minute."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import httpx2
import psutil
import psycopg
import redis

from benchmarks.soak import roles, vendor
from benchmarks.soak.filing import DOCUMENTS, LONG_PAGES, paper
from benchmarks.soak.house import SUPERVISOR, House
from benchmarks.soak.recovery import NOBODY
from benchmarks.soak.vendor import Vendor
from config.embedded.processes import wait_until

#: Past the lease of a minute, so that others have the frozen worker's requests when it thaws.
FROZEN_SECONDS = 75.0
MOOD_SECONDS = 20.0
VICTIM_SECONDS = 20.0
AT_WORK = """
    SELECT DISTINCT s.pid FROM prompt_requests r JOIN worker_signs s ON s.name = r.leased_by
    WHERE r.status = 'generating'"""


@dataclass(frozen=True)
class World:
    """All that a fault can be done to."""

    house: House
    vendor: Vendor
    random: Random


Relief = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """`strike` gives what was struck, and what ends it after `lasts` seconds, where it doesn't end by itself."""

    name: str
    strike: Callable[[World], tuple[str, Relief | None]]
    lasts: float = 0.0
    #: No process outlives it, so memory can be judged only from then on.
    ends_everything: bool = False


def _signalled(role: str, number: signal.Signals) -> Callable[[World], tuple[str, Relief | None]]:
    """Sends a random process of the role a signal."""

    def strike(world: World) -> tuple[str, Relief | None]:
        with suppress(psutil.NoSuchProcess):
            if (victim := _victim(world, role)) is not None:
                _expect_end(world.house, victim)
                victim.send_signal(number)
                return f"process {victim.pid}", None
        return NOBODY, None

    return strike


def _victim(world: World, role: str) -> psutil.Process | None:
    """A random process of the role, which may be about to start, of workers one at work; None when none comes."""
    found: list[psutil.Process] = []

    def some() -> bool:
        found[:] = _at_work(world.house) if role == roles.WORKER else roles.of(world.house, role)
        return bool(found)

    return world.random.choice(found) if wait_until(some, VICTIM_SECONDS, 0.02) else None


def _at_work(house: House) -> list[psutil.Process]:
    """The workers that have calls in hand: others have nothing to lose, and a frozen one shall thaw."""
    with suppress(psycopg.Error, psutil.NoSuchProcess):
        busy = {pid for (pid,) in house.sql(AT_WORK)}
        awake = [one for one in roles.of(house, roles.WORKER) if one.status() != psutil.STATUS_STOPPED]
        return [one for one in awake if one.pid in busy]
    return []


def _expect_end(house: House, victim: psutil.Process) -> None:
    house.expected_to_end |= {name for name, process in house.started.items() if process.pid == victim.pid}


def _freeze(world: World) -> tuple[str, Relief | None]:
    victim = _victim(world, roles.WORKER)
    if victim is None:
        return NOBODY, None
    victim.send_signal(signal.SIGSTOP)

    def thaw() -> None:
        if victim.is_running():
            victim.send_signal(signal.SIGCONT)

    return f"process {victim.pid} for {FROZEN_SECONDS:.0f} s", thaw


def _kill_reader(world: World) -> tuple[str, Relief | None]:
    """A long document is brought in, so that there is a reader to strike."""
    name = f"long {world.random.random()}.pdf"
    content = paper(world.random.randint(10**6, 10**9), LONG_PAGES)
    with world.house.client() as client, suppress(httpx2.HTTPError):
        client.post(DOCUMENTS, files={"file": (name, content, "application/pdf")})
    return _signalled(roles.READER, signal.SIGKILL)(world)


def _kill_everything(world: World) -> tuple[str, Relief | None]:
    world.house.kill_everything()
    return "supervisor, servers and all", None


def _kill_supervisor(world: World) -> tuple[str, Relief | None]:
    world.house.kill(SUPERVISOR)
    return "the supervisor alone", None


def _tell_valkey(*words: str) -> Callable[[World], tuple[str, Relief | None]]:
    def strike(world: World) -> tuple[str, Relief | None]:
        with redis.Redis(unix_socket_path=str(world.house.paths.valkey_socket)) as client:
            try:
                client.execute_command(*words)
            except redis.ConnectionError:
                return f"{words[0]}, at once", None
        return words[0], None

    return strike


def _mood(mood: str) -> Fault:
    def strike(world: World) -> tuple[str, Relief | None]:
        world.vendor.be(mood)
        return f"for {MOOD_SECONDS:.0f} s", lambda: world.vendor.be(vendor.FINE)

    return Fault(f"vendor {mood}", strike, MOOD_SECONDS)


FAULTS = (
    Fault("kill -9 of a web process", _signalled(roles.WEB_PROCESS, signal.SIGKILL)),
    Fault("kill -9 of the web server", _signalled(roles.WEB, signal.SIGKILL)),
    Fault("kill -9 of a worker", _signalled(roles.WORKER, signal.SIGKILL)),
    Fault("kill -9 of the scheduler", _signalled(roles.SCHEDULER, signal.SIGKILL)),
    Fault("kill -9 of a reader of documents", _kill_reader),
    Fault("kill -9 of everything, and a start", _kill_everything, ends_everything=True),
    Fault("kill -9 of the supervisor, and a start", _kill_supervisor, ends_everything=True),
    Fault("Valkey: SHUTDOWN", _tell_valkey("SHUTDOWN", "NOSAVE")),
    Fault("Valkey: kill -9", _signalled(roles.VALKEY, signal.SIGKILL)),
    Fault("Valkey: FLUSHALL", _tell_valkey("FLUSHALL")),
    Fault("PostgreSQL: fast restart", _signalled(roles.POSTGRES, signal.SIGINT)),
    Fault("PostgreSQL: immediate restart", _signalled(roles.POSTGRES, signal.SIGQUIT)),
    Fault("PostgreSQL: kill -9", _signalled(roles.POSTGRES, signal.SIGKILL)),
    Fault("PostgreSQL: kill -9 of a backend", _signalled(roles.BACKEND, signal.SIGKILL)),
    Fault("a worker frozen past its lease", _freeze, FROZEN_SECONDS),
    *(_mood(mood) for mood in vendor.MOODS if mood != vendor.FINE),
)
#: Faults that end everything come in the first part of a run, so that what lives on is long enough alive to be judged.
FIRST_PART = 1 / 3
#: In half an hour it leaves a process of each role alone for so long that its memory can be judged.
USUAL_SEED = 8429


def drawn(seed: int, number: int) -> Iterator[Fault]:
    """So many faults in an order of the seed's: each comes once before any comes twice."""
    dice = Random(seed)
    deck: list[Fault] = []
    early = [fault for fault in FAULTS if fault.ends_everything]
    others = [fault for fault in FAULTS if not fault.ends_everything]
    places = dict(zip(dice.sample(range(max(int(number * FIRST_PART), len(early))), len(early)), early, strict=True))
    for place in range(number):
        if place in places:
            yield places[place]
            continue
        deck = deck or dice.sample(others, len(others))
        yield deck.pop()
