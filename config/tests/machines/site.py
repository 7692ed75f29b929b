"""A whole installation spread over hosts: servers, web, workers and schedulers each on one of their own."""

from __future__ import annotations

import base64
import secrets
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any, Self

import httpx2
import psycopg

from config.celery import QUIET
from config.embedded import processes
from config.tests.e2e.installation import PASSWORD, USERNAME, Installation, wait_for
from config.tests.machines.network import Network
from config.tests.machines.servers import DebianPostgres, DebianRabbit, DebianRedis
from config.tests.running import PROJECT
from providers.tests.stubs import VendorStub

PORT = 8000
#: In one process: each needs seconds to begin.
PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createsuperuser", interactive=False)
"""
START_SECONDS = 240
SERVERS = ["desk", "database", "cache", "broker"]
FAKE_TIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


class Site(Installation):
    """The process that makes it sits at the host `desk`, where the vendors' stub is too.

    `hosts` are the names of the others: those of web servers begin with `web`.
    """

    def __init__(self, hosts: list[str], **environment: str) -> None:
        self.network = Network(SERVERS + hosts)
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True)))
        folder.chmod(0o711)
        super().__init__(folder, environment=environment)
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.clients: dict[str, httpx2.Client] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.push(self._stack)
            stack.enter_context(self.network)
            stack.enter_context(self.network["desk"].entered())
            address = self.network["desk"].address
            self.vendor = stack.enter_context(VendorStub(numbered=True, host=address))
            stack.callback(self._end_processes)
            self._start_servers()
            self.environment |= self._addresses() | self._keys()
            self.manage("shell", "--no-imports", "-c", PREPARE)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _start_servers(self) -> None:
        self.rabbit = DebianRabbit(self.network["broker"], self.folder)
        self.rabbit.start()
        self.redis = DebianRedis(self.network["cache"], self.folder)
        self.redis.start()
        self.debian_postgres = DebianPostgres(self.network["database"], self.folder)
        self.debian_postgres.start()
        for server in (self.debian_postgres, self.redis, self.rabbit):
            server.wait()
        self.debian_postgres.create_database()

    def _addresses(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.debian_postgres.url,
            "REDIS_URL": self.redis.url,
            "CELERY_BROKER_URL": self.rabbit.url,
            "OPENAI_API_KEY": "sk-stub",
            "OPENAI_BASE_URL": self.vendor.openai_url,
            "ALLOWED_HOSTS": "*",
            "MEDIA_ROOT": str(self.folder / "media"),
        }

    @staticmethod
    def _keys() -> dict[str, str]:
        names = ("SECRET_KEY", "JWT_SIGNING_KEY")
        signing = base64.b64encode(secrets.token_bytes(32)).decode()
        return {name: secrets.token_urlsafe(50) for name in names} | {"AUDIT_SIGNING_KEY": signing}

    # --- Processes ----------------------------------------------------------------------------------

    def launch(self, host: str, *arguments: str, clock: str = "") -> None:
        """Start a Python process on a host; its clock is off by `clock`, such as `+1h`. It ends with this process."""
        data = self.folder / host
        data.mkdir(exist_ok=True)
        log = (data / "output.log").open("a")
        command = [sys.executable, *arguments]
        with self.network[host].entered():
            self.running[host] = subprocess.Popen(
                processes.tied_command(command, signal.SIGKILL),
                cwd=PROJECT,
                env=self.environment | {"DATA_DIR": str(data)} | (_faked(clock) if clock else {}),
                stdout=log,
                stderr=log,
                text=True,
            )

    def launch_web(self, host: str) -> None:
        """Begin to serve on a host."""
        self.launch(
            host, "-m", "granian", "--interface=wsgi", "--workers=1", "--blocking-threads=8", "--no-ws",
            f"--host={self.network[host].address}", f"--port={PORT}", "config.wsgi:application",
        )  # fmt: skip
        self.clients[host] = httpx2.Client(base_url=f"http://{self.network[host].address}:{PORT}", timeout=60)

    def launch_worker(self, host: str, clock: str = "") -> None:
        """Begin to work on a host."""
        self.launch(
            host, "-m", "celery", "--app=config", "worker", f"--hostname={worker_name(host)}", "--loglevel=INFO",
            *QUIET, clock=clock,
        )  # fmt: skip

    def launch_scheduler(self, host: str, clock: str = "") -> None:
        """Begin to schedule on a host."""
        arguments = ["-m", "celery", "--app=config", "beat", "--pidfile=", "--loglevel=INFO"]
        self.launch(host, *arguments, clock=clock)

    def kill_host(self, host: str) -> None:
        """End what runs on a host at once."""
        self.kill(self.running.pop(host))

    def log_of(self, host: str) -> str:
        return (self.folder / host / "output.log").read_text(errors="replace")

    def _end_processes(self) -> None:
        for client in self.clients.values():
            client.close()
        for host in list(self.running):
            self.kill_host(host)

    # --- HTTP and SQL -------------------------------------------------------------------------------

    def wait_for_webs(self) -> None:
        """Return when all web servers answer, with a token for each."""
        wait_for(lambda: all(map(_is_ready, self.clients.values())), START_SECONDS, self._last_words)
        self._in_turn = cycle(self.clients.values())
        answer = next(self._in_turn).post("/api/token/", json={"username": USERNAME, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        for client in self.clients.values():
            client.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def wait_for_workers(self) -> None:
        """Return when all workers have given a sign of life."""
        workers = {worker_name(host) for host in self.running if host.startswith("worker")}
        wait_for(lambda: self.signs_of_life() >= workers, START_SECONDS, self._last_words)

    def _last_words(self) -> str:
        """What each host has said last, where one does not start."""
        return "\n".join(f"{host} to start: {self.log_of(host)[-1500:]}" for host in self.running)

    def signs_of_life(self) -> set[str]:
        """The workers that have ever given one."""
        return {name for (name,) in self.sql("SELECT name FROM worker_signs")}

    def ask(self, **body: Any) -> httpx2.Response:
        """POST one request to the next web server."""
        body = {"model": "openai/stub", "prompt_type": "text", "prompt_text": "Say hello."} | body
        return next(self._in_turn).post("/api/ai/prompts/", json=body)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.debian_postgres.url, connect_timeout=10) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []


def worker_name(host: str) -> str:
    """What the rows call the worker of a host."""
    return f"celery@{host}"


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def _faked(offset: str) -> dict[str, str]:
    """For libfaketime: the time of day is wrong, durations are right."""
    return {"LD_PRELOAD": str(FAKE_TIME), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
