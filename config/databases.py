"""Where PostgreSQL and the Redis-protocol server are: the operator's, or the embedded ones."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import unquote

from config.embedded.paths import EmbeddedPaths
from config.environment import Environment

EMBEDDED_DATABASE = "ai_prompt_manager"

_of_thread = threading.local()


class EndOfThread:
    """Closes a connection when the thread that holds this ends.

    Django's own object is part of reference cycles: after its thread it lives on until the garbage collector's next
    full run, and with it the connection. The web server ends each thread that idles for 30 seconds.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __del__(self) -> None:
        self._connection.close()


def close_with_thread(*, connection: Any, **kwargs: Any) -> None:
    """Receiver of Django's `connection_created`."""
    vars(_of_thread)[connection.alias] = EndOfThread(connection.connection)


def database(env: Environment, url: str, embedded: EmbeddedPaths) -> dict[str, Any]:
    """The entry of `DATABASES`: from `url`, or the embedded server's socket where it is empty."""
    address = _address(env, url) if url else _embedded_database(embedded)
    return address | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": "ai-prompt-manager",
            # A frozen process must not hold its row locks for ever, nor a vanished host its connection.
            "options": "-c idle_in_transaction_session_timeout=15s",
            "keepalives_idle": 30,
            "tcp_user_timeout": 30_000,
        }
        | address.get("OPTIONS", {}),
    }


def _address(env: Environment, url: str) -> dict[str, Any]:
    """As libpq reads it: the host may be a percent-encoded path to a socket's folder."""
    address: dict[str, Any] = env.db_url_config(url)
    return address | {"HOST": unquote(address["HOST"])}


def _embedded_database(embedded: EmbeddedPaths) -> dict[str, Any]:
    return {"NAME": EMBEDDED_DATABASE, "USER": "postgres", "HOST": str(embedded.postgres_socket_dir)}


def redis_url(url: str, embedded: EmbeddedPaths) -> str:
    """`url`, or the embedded server's socket where it is empty."""
    return url or f"unix://{embedded.valkey_socket}"


def broker_url(url: str) -> str:
    """The same server as Celery's transport writes it.

    It has a name of its own for sockets, and believes any certificate of Redis unless told otherwise.
    """
    if url.startswith("rediss://") and "ssl_cert_reqs=" not in url:
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


def broker_tls(url: str) -> dict[str, None] | bool:
    """Celery's `broker_use_ssl`: RabbitMQ's certificate must also be for the host that `url` names."""
    return {"server_hostname": None} if url.startswith("amqps://") else False
