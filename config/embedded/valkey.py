"""Valkey 9 on a unix socket. It keeps nothing: what matters lies in PostgreSQL, a message is only a hint."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import ClassVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import directories
from config.embedded.binaries import valkey_program
from config.embedded.server import EmbeddedServer


class EmbeddedValkey(EmbeddedServer):
    """The Redis-protocol server of one installation."""

    name = "valkey"
    process_name = "valkey-server"
    # Nothing to save; and a server that ends politely later would take its successor's socket away.
    death_signal = signal.SIGKILL
    stop_signals: ClassVar[list[tuple[signal.Signals, float]]] = [(signal.SIGTERM, 5), (signal.SIGKILL, 5)]

    @property
    def working_dir(self) -> Path:
        return self.paths.valkey_dir

    @property
    def socket_dir(self) -> Path:
        return self.paths.valkey_socket.parent

    def is_healthy(self) -> bool:
        once = Retry(NoBackoff(), retries=0)
        client = redis.Redis(unix_socket_path=str(self.paths.valkey_socket), socket_timeout=2, retry=once)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def clear_leftovers(self) -> None:
        self.paths.valkey_socket.unlink(missing_ok=True)

    def initialise(self) -> None:
        directories.make_private(self.paths.valkey_dir, self.account)

    def complete(self) -> None:
        """It needs nothing more than to run."""

    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.paths.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.paths.valkey_dir),
            "save": "",
            "appendonly": "no",
            "loglevel": "warning",
        }
        program = str(valkey_program(self.paths, self.account))
        return [program, *(part for name, value in settings.items() for part in (f"--{name}", value))]
