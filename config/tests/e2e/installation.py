"""A whole installation for one test: its own PostgreSQL and Valkey, real web and worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx2
import psycopg
import redis
from celery import Celery

from config.celery import QUIET
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from config.supervisor.child import ALLOCATOR
from config.tests.running import PROJECT as PROJECT
from config.tests.running import free_port, signal_family

USERNAME, PASSWORD = "owner", "correct horse battery staple"
#: Everything that recovers does so within a second or two here, not within a minute.
QUICK = {"LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5", "SWEEP_SECONDS": "0.5", "POLL_SECONDS": "0.5"}


class Installation:
    """Starts and ends the processes; speaks to them over HTTP and SQL only, as an operator would.

    `database` is the folder of a stopped PostgreSQL to begin with (config/tests/e2e/database.py); without one the
    tables and the owner are made here.
    """

    def __init__(
        self, folder: Path, *, environment: dict[str, str], durable: bool = False, database: Path | None = None
    ) -> None:
        self.folder = folder
        self.database = database
        self.paths = EmbeddedPaths(folder)
        self.postgres = EmbeddedPostgres(self.paths, durable=durable)
        self.valkey = EmbeddedValkey(self.paths)
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "PYTHONFAULTHANDLER": "1",
            **ALLOCATOR,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": str(folder / "no.env"),
            "DATA_DIR": str(folder),
            "DJANGO_SUPERUSER_USERNAME": USERNAME,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "DJANGO_SUPERUSER_EMAIL": "owner@example.org",
            **QUICK,
            **environment,
        }
        self.processes: list[subprocess.Popen[str]] = []
        self._http: httpx2.Client | None = None

    def __enter__(self) -> Self:
        if self.database is not None:
            subprocess.run(["cp", "-a", self.database, self.paths.postgres_dir], check=True)
        self.postgres.start()
        self.valkey.start()
        if self.database is None:
            self.manage("migrate", "--verbosity=0")
            self.manage("createsuperuser", "--no-input")
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            self.kill(process)
        if self._http is not None:
            self._http.close()
        self.valkey.stop()
        self.postgres.stop()

    # --- Processes ----------------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; what it printed."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def spawn(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start a Python process whose output goes to a file; it is killed at the end of the test."""
        log = (self.folder / f"process-{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stderr=log,
            text=True,
            **({"stdout": log} | options),
        )
        self.processes.append(process)
        return process

    def start_web(self) -> None:
        """Serve the API and wait until it answers."""
        self.spawn(
            "-m", "granian", "--interface=wsgi", "--workers=1", "--blocking-threads=8", "--no-ws",
            "--host=127.0.0.1", f"--port={self.port}", "config.wsgi:application",
        )  # fmt: skip
        wait_for(lambda: self._answers("/healthz"), 60, "the web server")

    def start_worker(self, name: str = "w1") -> subprocess.Popen[str]:
        """A Celery worker as an operator starts it."""
        return self.spawn(
            "-m", "celery", "--app=config", "worker", f"--hostname={name}@test", "--loglevel=INFO",
            *QUIET,
        )  # fmt: skip

    def _answers(self, path: str) -> bool:
        try:
            return self.http.get(path).status_code == 200
        except httpx2.TransportError:
            return False

    @staticmethod
    def kill(process: subprocess.Popen[str]) -> None:
        """End a process by its own id, whatever state it is in, and with it what it has started."""
        if process.poll() is None:
            signal_family(process.pid, signal.SIGKILL)
        process.wait(10)

    def end(self, process: subprocess.Popen[str], seconds: float = 30) -> int:
        """Send TERM and wait; the exit code. Who has not ended after so many seconds says what its threads do."""
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            process.wait(10)
            log = self.folder / f"process-{self.processes.index(process)}.log"
            raise AssertionError(f"It did not end within {seconds} s of TERM.\n{log.read_text()[-8000:]}") from None

    def flush_broker(self) -> None:
        """FLUSHALL, as somebody might do by mistake."""
        with redis.Redis(unix_socket_path=str(self.paths.valkey_socket)) as client:
            client.flushall()

    def deliver_wake_up(self, times: int) -> None:
        """Put the workers' message into the broker again and again, as a redelivering broker does."""
        app = Celery(broker=f"redis+socket://{self.paths.valkey_socket}", set_as_current=False)
        with app.connection_for_write() as connection:
            for _ in range(times):
                app.send_task("prompts.tasks.run_due_requests", connection=connection)

    # --- HTTP and SQL -------------------------------------------------------------------------------

    @property
    def http(self) -> httpx2.Client:
        """A client of the API; after `sign_in` it carries the owner's token."""
        if self._http is None:
            self._http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        return self._http

    def sign_in(self) -> None:
        """Get a token for the owner."""
        answer = self.http.post("/api/token/", json={"username": USERNAME, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def ask(self, **body: Any) -> httpx2.Response:
        """POST one request."""
        body = {"model": "openai/stub", "prompt_type": "text", "prompt_text": "Say hello."} | body
        return self.http.post("/api/ai/prompts/", json=body)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on a connection of its own."""
        host = str(self.paths.postgres_socket_dir)
        with psycopg.connect(host=host, user="postgres", dbname=DATABASE) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def statuses(self) -> dict[str, int]:
        """How many requests are in which status."""
        return dict(self.sql("SELECT status, count(*) FROM prompt_requests GROUP BY status"))

    def wait_until_finished(self, seconds: float) -> None:
        """Wait until no request is pending or generating."""
        wait_for(
            lambda: not {"pending", "generating"} & set(self.statuses()),
            seconds,
            lambda: str(self.statuses()),
        )


def wait_for(condition: Callable[[], bool], seconds: float, what: str | Callable[[], str]) -> None:
    """Return once `condition` is true; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s for {what if isinstance(what, str) else what()}.")
        time.sleep(0.1)
