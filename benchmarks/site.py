"""The installation that a measure has to itself."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks import load, processors
from benchmarks.bare.urls import TABLE
from benchmarks.load import Load
from config.tests.e2e.installation import PASSWORD, PROJECT, USERNAME, Installation, wait_for
from config.tests.running import free_port

#: The leases of an installation, not the short ones of the tests.
USUAL = {"LEASE_SECONDS": "60", "HEARTBEAT_SECONDS": "10", "SWEEP_SECONDS": "5", "POLL_SECONDS": "1"}
FLOOR_SECONDS = 3.0
WARM_UP_SECONDS = 1.5
#: Seconds after which a server is taken for hung.
PATIENCE = 240.0


@dataclass(slots=True)
class Cost:
    """Processor time in seconds, known once the context that gave it has ended."""

    web: float = 0.0
    database: float = 0.0

    def each(self, requests: int) -> float:
        """Milliseconds of both for a request."""
        return (self.web + self.database) / requests * 1000


@dataclass(slots=True)
class Site:
    """Servers with data that is really on disk, the tables and one owner; web servers are started when asked for."""

    installation: Installation
    web: subprocess.Popen[str] | None = None
    _ports: dict[str, int] = field(default_factory=dict)

    # --- The product --------------------------------------------------------------------------------

    def serve(self) -> str:
        """Start the web as `manage.py run` does; a token of the owner."""
        port = self.installation.port
        self.web = self._start(port, "config.wsgi:application", "config.settings")
        wait_for(lambda: answers(port, "/healthz"), PATIENCE, "the web server")
        self.installation.sign_in()
        return str(self.installation.http.headers["Authorization"]).partition(" ")[2]

    def session(self) -> str:
        """The cookie of the owner in the console."""
        http, address = self.installation.http, "/admin/login/"
        http.get(address)
        form = {"username": USERNAME, "password": PASSWORD, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
        answer = http.post(address, data=form, headers={"Referer": str(http.base_url)})
        assert answer.status_code == 302, answer.text
        return f"sessionid={http.cookies['sessionid']}"

    def load(self, *messages: bytes, connections: int, seconds: float, status: int = 200) -> tuple[Load, Cost]:
        """Ask the product; first a little, which is not measured. All answers must have that status."""
        load.run(self.installation.port, messages, connections=connections, seconds=WARM_UP_SECONDS)
        with self.cost() as cost:
            got = load.run(self.installation.port, messages, connections=connections, seconds=seconds)
        assert set(got.statuses) == {status}, got.statuses
        return got, cost

    @contextmanager
    def cost(self) -> Iterator[Cost]:
        """What web and PostgreSQL take while the context lasts."""
        assert self.web is not None
        cost, web, database = Cost(), [self.web.pid], [self.postgres_pid]
        before = processors.seconds(web), processors.seconds(database)
        yield cost
        cost.web, cost.database = processors.seconds(web) - before[0], processors.seconds(database) - before[1]

    @property
    def postgres_pid(self) -> int:
        """Of its main process."""
        assert self.installation.postgres.process is not None
        return self.installation.postgres.process.pid

    # --- The floor ----------------------------------------------------------------------------------

    def floor(self, view: str, *, connections: int, seconds: float = FLOOR_SECONDS) -> Load:
        """The same load on a view of the bare project (benchmarks/bare)."""
        port = self._ports.get("bare") or self._serve_floor()
        message = [load.message("GET", f"/{view}")]
        load.run(port, message, connections=connections, seconds=WARM_UP_SECONDS)
        return load.run(port, message, connections=connections, seconds=seconds)

    def _serve_floor(self) -> int:
        port = self._ports["bare"] = free_port()
        self.installation.sql(TABLE)
        self._start(port, "benchmarks.bare.wsgi:application", "benchmarks.bare.settings")
        wait_for(lambda: answers(port, "/json"), PATIENCE, "the bare web server")
        return port

    def _start(self, port: int, application: str, settings: str) -> subprocess.Popen[str]:
        environment = self.installation.environment | {"HOST": "127.0.0.1", "PORT": str(port)}
        with (self.installation.folder / f"web-{port}.log").open("w") as log:
            command = [sys.executable, "-m", "benchmarks.serving", application, settings]
            process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log, text=True)
        self.installation.processes.append(process)
        return process

    def script(self, module: str, *arguments: str) -> str:
        """What a module of the benchmarks prints, run in a process of its own on this installation."""
        result = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env=self.installation.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout


@contextmanager
def site(folder: Path, database: Path | None, environment: dict[str, str] | None = None) -> Iterator[Site]:
    """One in `folder`, beginning with a copy of the stopped `database`, or with a new one."""
    with Installation(folder, environment=USUAL | (environment or {}), durable=True, database=database) as installation:
        yield Site(installation)


def ids(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """The first column as texts."""
    return [str(row[0]) for row in rows]


def seconds_of(step: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.monotonic()
    step()
    return time.monotonic() - started


def answers(port: int, path: str) -> bool:
    """Whether that path of 127.0.0.1 answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
