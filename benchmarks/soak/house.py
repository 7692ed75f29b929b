"""The installation that is put to the test: `manage.py run` as an operator starts it, and a second worker beside it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil
import psycopg

from config.celery import QUIET
from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import DATABASE
from config.embedded.processes import kill_all, running_in, tied_command, wait_until
from config.tests.running import PROJECT, free_port

USERNAME = "owner"
#: By which the connections of this program are told from those of the installation.
APPLICATION = "soak"
#: A first start on a busy machine; it is not judged.
START_SECONDS = 300.0
STOP_SECONDS = 60.0
SECOND_WORKER = ["-m", "celery", "--quiet", "--skip-checks", "--app=config", "worker", "--hostname=second@%h",
                 "--pool=threads", "--concurrency=4", *QUIET, "--loglevel=INFO"]  # fmt: skip
SUPERVISOR, SECOND = "supervisor", "second worker"
COMMANDS = {SUPERVISOR: ["manage.py", "run"], SECOND: SECOND_WORKER}


class House:
    """Starts, watches and ends the processes; everything else is asked over HTTP and SQL.

    Call from the main thread: what is started ends with the thread that started it.
    """

    def __init__(self, folder: Path, vendor: str) -> None:
        self.vendor_port = urlsplit(vendor).port
        self.folder = folder
        self.paths = EmbeddedPaths(folder)
        self.port = free_port()
        self.secrets = {
            "OPENAI_API_KEY": f"sk-canary-{secrets.token_hex(12)}",
            "METRICS_TOKEN": f"canary-{secrets.token_hex(12)}",
            "DJANGO_SUPERUSER_PASSWORD": f"canary-{secrets.token_hex(12)}",
        }
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "WEB_WORKERS": "2",
            "DJANGO_SUPERUSER_USERNAME": USERNAME,
            "OPENAI_BASE_URL": vendor,
            # A vendor that says nothing shall be noticed within its fault.
            "LLM_CHUNK_TIMEOUT": "5",
            **self.secrets,
        }
        self.started: dict[str, subprocess.Popen[bytes]] = {}
        self.expected_to_end: set[str] = set()
        self.token = ""

    # --- Processes ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Return once it is ready, with a token for the programs that will use it."""
        self._start(SUPERVISOR)
        self.wait_until_ready()
        self.token = self.manage("create_token", USERNAME, "--name", "soak").strip()
        self.secrets["token"] = self.token
        self._start(SECOND)

    def _start(self, name: str) -> None:
        with self.log_of(name).open("ab") as log:
            self.started[name] = subprocess.Popen(
                tied_command([sys.executable, *COMMANDS[name]], signal.SIGTERM),
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log_of(self, name: str) -> Path:
        """What a process that was started here has written."""
        return self.folder / f"{name.replace(' ', '-')}.log"

    def tend(self) -> list[str]:
        """Start again what has ended, as systemd would; the ends that nobody wanted, in words."""
        unwanted = []
        for name, process in list(self.started.items()):
            if process.poll() is None:
                continue
            if name not in self.expected_to_end:
                unwanted.append(f"the {name} ended by itself with {process.returncode}")
            self.expected_to_end.discard(name)
            self._start(name)
        return unwanted

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End one that was started here; it is started again by `tend`."""
        self.expected_to_end.add(name)
        self.started[name].send_signal(number)

    def kill_everything(self) -> None:
        """What a power cut does, but for the second worker, which is on another machine."""
        family = self.family()
        self.expected_to_end.add(SUPERVISOR)
        kill_all(family)

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything that it started."""
        with suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(self.started[SUPERVISOR].pid)
            return [supervisor, *supervisor.children(recursive=True)]
        return []

    def stop(self) -> None:
        """End everything in good order, and what is left after that by force."""
        for process in self.started.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.started.values():
            if not wait_until(lambda process=process: process.poll() is not None, STOP_SECONDS):  # type: ignore[misc]
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        kill_all(running_in(self.paths.postgres_dir, "postgres") + running_in(self.paths.valkey_dir, "valkey-server"))

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; what it printed. Raises RuntimeError when it fails."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> str:
        """Run a program of ours to its end; what it printed. Raises RuntimeError when it fails."""
        command = [sys.executable, *arguments]
        result = subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False, timeout=900
        )
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments[:3])} ended with {result.returncode}: {result.stderr[-2000:]}")
        return result.stdout

    # --- HTTP and SQL -------------------------------------------------------------------------------

    def client(self, seconds: float = 30) -> httpx2.Client:
        """A client of the API with the owner's token, once there is one."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=seconds)

    def is_ready(self) -> bool:
        """What /readyz says."""
        try:
            with self.client(5) as client:
                return client.get("/readyz").status_code == 200
        except httpx2.HTTPError:
            return False

    def wait_until_ready(self) -> None:
        """Return once /readyz is green. Raises RuntimeError after five minutes."""
        if not wait_until(self.is_ready, START_SECONDS, 0.2):
            raise RuntimeError(f"It did not become ready; see {self.log_of(SUPERVISOR)}.")

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on a connection of its own. Raises psycopg.Error."""
        host = str(self.paths.postgres_socket_dir)
        with psycopg.connect(
            host=host, user="postgres", dbname=DATABASE, application_name=APPLICATION, connect_timeout=3
        ) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def log_files(self) -> list[Path]:
        """Everything that any of them has written."""
        return sorted({*self.folder.glob("*.log"), *self.paths.base.glob("*.log")})
