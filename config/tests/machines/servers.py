"""PostgreSQL, Redis and RabbitMQ as Debian packages them, each on a host of its own, with data that is thrown away."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import amqp
import psycopg
import redis

from config.embedded import processes
from config.embedded.accounts import Account
from config.tests.machines.network import Host

#: With characters that an address must have percent-encoded.
PASSWORD = "p@ss/w%rd:1"
QUOTED = quote(PASSWORD, safe="")
DATABASE = "prompts"
START_SECONDS = 120


class DebianServer(ABC):
    """One server on `host`; its files lie in `folder`, and it runs as the account that its package made."""

    account_name: str

    def __init__(self, host: Host, folder: Path) -> None:
        entry = pwd.getpwnam(self.account_name)
        self.account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
        self.host = host
        self.folder = folder / host.name
        self.log = folder / f"{host.name}.log"
        self.folder.mkdir(mode=0o700)
        os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 (Redis needs nothing)
        """Make what it needs before its first start."""

    @property
    @abstractmethod
    def url(self) -> str:
        """What the settings are told."""

    @abstractmethod
    def command(self) -> list[str]:
        """Program, by its full path, and arguments."""

    @abstractmethod
    def ask(self) -> None:
        """Raise an exception unless it answers this process."""

    def start(self) -> None:
        """Begin to start it; `wait` waits until it answers."""
        self.process = self.run(self.command())

    def run(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Run something under its account on its host until this process ends."""
        with self.host.entered():
            return processes.start(processes.tied_command(command, signal.SIGKILL, self.account), self.log)

    def wait(self) -> None:
        """Return when it answers; fails the test with what it has logged."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                raise AssertionError(f"{self.host.name} does not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def answers(self) -> bool:
        try:
            self.ask()
        except Exception:
            return False
        return True

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(60)


class DebianPostgres(DebianServer):
    account_name = "postgres"

    @staticmethod
    def programs() -> Path | None:
        """The folder of the newest version that is installed, if any."""
        found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
        return max(found, key=lambda path: int(path.parent.name), default=None)

    def prepare(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD)
        os.chown(password_file, self.account.uid, self.account.gid)
        self._finish(
            [self._program("initdb"), f"--pgdata={self.folder}/data", "--username=apm", f"--pwfile={password_file}",
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        )  # fmt: skip
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self.host.address}/24 scram-sha-256\n")

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgres://apm:{QUOTED}@{self.host.address}:5432/{database}"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": self.host.address,
            "unix_socket_directories": "",
            "max_connections": "100",
            "jit": "off",
            "fsync": "off",
            "full_page_writes": "off",
        }
        return [self._program("postgres"), "-D", f"{self.folder}/data", *(f"--{k}={v}" for k, v in settings.items())]

    def ask(self) -> None:
        psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()

    def create_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def restart(self) -> None:
        """As an operator does: open sessions are ended, data is flushed."""
        self.stop(signal.SIGINT)
        self.start()
        self.wait()

    def _program(self, name: str) -> str:
        folder = self.programs()
        assert folder is not None
        return str(folder / name)

    def _finish(self, command: list[str]) -> None:
        tied = processes.tied_command(command, signal.SIGKILL, self.account)
        subprocess.run(tied, cwd="/", env=processes.plain_environment(), check=True, capture_output=True)


class DebianRedis(DebianServer):
    account_name = "redis"

    @property
    def url(self) -> str:
        return f"redis://:{QUOTED}@{self.host.address}:6379/0"

    def command(self) -> list[str]:
        return [
            "/usr/bin/redis-server", "--bind", self.host.address, "--port", "6379", "--dir", str(self.folder),
            "--save", "", "--appendonly", "no", "--requirepass", PASSWORD,
        ]  # fmt: skip

    def ask(self) -> None:
        with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()


class DebianRabbit(DebianServer):
    """RabbitMQ with a port mapper of its own, so that it leaves none running."""

    account_name = "rabbitmq"
    CONFIGURATION = "loopback_users = none\ndefault_user = apm\ndefault_pass = {password}\nlog.console = true\n"

    def prepare(self) -> None:
        (self.folder / "rabbitmq.conf").write_text(self.CONFIGURATION.format(password=PASSWORD))
        (self.folder / "enabled_plugins").write_text("[].\n")
        for name in ("rabbitmq.conf", "enabled_plugins"):
            os.chown(self.folder / name, self.account.uid, self.account.gid)
        self.mapper = self.run(["/usr/bin/epmd", "-address", "127.0.0.1"])

    @property
    def url(self) -> str:
        return f"amqp://apm:{QUOTED}@{self.host.address}:5672//"

    def command(self) -> list[str]:
        environment = {
            "HOME": self.folder,
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": self.host.address,
            "RABBITMQ_CONFIG_FILE": self.folder / "rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "enabled_plugins",
            "RABBITMQ_MNESIA_BASE": self.folder / "data",
            "RABBITMQ_LOG_BASE": self.folder / "log",
            "RABBITMQ_LOGS": "-",
            # The process that is started is then the server itself, not a shell that waits for it.
            "RUNNING_UNDER_SYSTEMD": "true",
            # It would otherwise keep a processor busy while it waits for work.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        }
        assignments = [f"{name}={value}" for name, value in environment.items()]
        return ["/usr/bin/env", *assignments, "/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def ask(self) -> None:
        with amqp.Connection(f"{self.host.address}:5672", userid="apm", password=PASSWORD, connect_timeout=2):
            pass

    def restart(self) -> None:
        """Kill it and start it again on its data."""
        self.stop()
        self.start()
        self.wait()


def may_make_namespaces() -> bool:
    """A container's root may not."""
    return subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0


def missing() -> list[str]:
    """What this machine lacks for hosts with servers of their own; empty where nothing."""
    programs = {
        "iproute2": "/usr/sbin/ip",
        "redis-server": "/usr/bin/redis-server",
        "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server",
    }
    checks: dict[str, Callable[[], bool]] = {name: Path(path).exists for name, path in programs.items()}
    checks["postgresql"] = lambda: DebianPostgres.programs() is not None
    checks["root, with the right to make network namespaces"] = may_make_namespaces
    return [name for name, is_there in checks.items() if not is_there()]
