"""PostgreSQL 18 on a unix socket of its own, without a TCP port."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import errors, sql

from config.embedded import directories, processes
from config.embedded.binaries import POSTGRES_MAJOR, postgres_programs
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import POSTGRES_SOCKET_NAME, EmbeddedPaths
from config.embedded.server import EmbeddedServer

USER = "postgres"
DATABASE = "ai_prompt_manager"

# Written to postgresql.conf once, where an operator may change them.
INITIAL_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    # Short queries only: compiling one costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "log_checkpoints": "off",
}
# For data that is thrown away: a crash of the machine may damage it, a kill of the server loses nothing.
UNDURABLE_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """The database server of one installation.

    With `durable=False` it doesn't wait for the disk: for tests.
    """

    name = "postgres"
    process_name = "postgres"
    # Fast shutdown: open sessions are ended, data is flushed (PostgreSQL documentation, "Shutting Down the
    # Server").
    death_signal = signal.SIGINT
    stop_signals: ClassVar[list[tuple[signal.Signals, float]]] = [
        (signal.SIGINT, 30),
        (signal.SIGQUIT, 5),
        (signal.SIGKILL, 5),
    ]

    def __init__(self, paths: EmbeddedPaths, *, durable: bool = True) -> None:
        super().__init__(paths)
        self.durable = durable

    @property
    def working_dir(self) -> Path:
        return self.paths.postgres_dir

    @property
    def socket_dir(self) -> Path:
        return self.paths.postgres_socket_dir

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own lock on its data; its first line is the server's process id."""
        return self.paths.postgres_dir / "postmaster.pid"

    def is_healthy(self) -> bool:
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection in autocommit mode. Raises psycopg.OperationalError."""
        host = str(self.paths.postgres_socket_dir)
        return psycopg.connect(host=host, port=5432, user=USER, dbname=database, connect_timeout=3, autocommit=True)

    def main_process_lives(self) -> bool:
        return self._recorded_pid() in {process.pid for process in self._others()}

    def clear_leftovers(self) -> None:
        """Nothing runs in the data directory, so its lock is stale, also when the process id in it is
        somebody else's today.
        """
        for leftover in (
            self.pid_file,
            self.socket_dir / POSTGRES_SOCKET_NAME,
            self.socket_dir / f"{POSTGRES_SOCKET_NAME}.lock",
        ):
            leftover.unlink(missing_ok=True)

    def initialise(self) -> None:
        version_file = self.paths.postgres_dir / "PG_VERSION"
        if not version_file.exists():
            self._create_cluster()
        version = version_file.read_text("ascii").strip()
        if version != str(POSTGRES_MAJOR):
            raise EmbeddedServerError(
                f"{self.paths.postgres_dir} was written by PostgreSQL {version}, this is {POSTGRES_MAJOR}. "
                f"Dump it with version {version} and load the dump here (docs/operations.md, Upgrades)."
            )

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": "5432",
            # A list in which only double quotes keep commas and spaces of a path together.
            "unix_socket_directories": f'"{self.socket_dir}"',
            "unix_socket_permissions": "0700",
        } | ({} if self.durable else UNDURABLE_SETTINGS)
        return [
            str(self._program("postgres")),
            "-D",
            str(self.paths.postgres_dir),
            *(f"--{name}={value}" for name, value in settings.items()),
        ]

    def complete(self) -> None:
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
        with self.connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                try:
                    connection.execute(statement)
                except errors.DuplicateDatabase:
                    return

    def _program(self, name: str) -> Path:
        return postgres_programs(self.paths, self.account) / name

    def _recorded_pid(self) -> int | None:
        try:
            first_line = self.pid_file.read_text("ascii").partition("\n")[0]
        except FileNotFoundError:
            return None
        return int(first_line) if first_line.isdigit() else None

    def _create_cluster(self) -> None:
        """Make the cluster under another name first: one that was cut short is never taken for whole."""
        draft = self.paths.base / "postgres.new"
        if draft.exists():
            shutil.rmtree(draft)
        directories.make_private(draft, self.account)
        self._run_initdb(draft)
        draft.rename(self.paths.postgres_dir)

    def _run_initdb(self, target: Path) -> None:
        command = [
            str(self._program("initdb")),
            f"--pgdata={target}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            # Unicode case mapping that is the same on every machine, whatever its C library knows.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *(f"--set={name}={value}" for name, value in INITIAL_SETTINGS.items()),
            *(() if self.durable else ("--no-sync",)),
        ]
        result = subprocess.run(  # noqa: S603
            processes.tied_command(command, signal.SIGKILL, self.account),
            cwd="/",
            env=processes.plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise EmbeddedServerError(f"The database can't be created in {target}:\n{result.stderr.strip()}")
