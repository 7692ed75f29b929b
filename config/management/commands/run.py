"""`manage.py run`: everything that the project needs on this machine, in the foreground, until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.bootstrap import FirstAdmin, collect_static, ensure_admin, migrate
from config.celery import QUIET
from config.embedded.postgres import EmbeddedPostgres
from config.embedded.server import EmbeddedServer
from config.embedded.valkey import EmbeddedValkey
from config.forked import in_child
from config.supervisor.child import ChildSpec
from config.supervisor.console import Console
from config.supervisor.preflight import NotReadyToRunError, only_one, require_free_port
from config.supervisor.readiness import Readiness
from config.supervisor.supervisor import Supervisor

QUICK_STOP_SECONDS = 10.0
# It is about pickled messages, and only JSON is accepted (CELERY_ACCEPT_CONTENT).
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


class Command(BaseCommand):
    help = (
        "Starts the servers that are not given by DATABASE_URL and REDIS_URL, then web, worker and scheduler. "
        "Exit code: 0 stopped by Ctrl-C or TERM, 1 something could not be started or kept running, 130 stopped before "
        "everything was started."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        signal.signal(signal.SIGTERM, stop_preparing)
        try:
            with only_one(settings.DATA_DIR) as was_killed:
                require_free_port(settings.HOST, settings.PORT, was_killed=was_killed)
                exit_code = run_everything(Console(), started)
        except NotReadyToRunError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped before everything was started.", returncode=130) from None
        sys.exit(exit_code)


def stop_preparing(number: int, frame: FrameType | None) -> None:
    """Until the supervisor listens to signals itself, TERM does what Ctrl-C does."""
    raise KeyboardInterrupt


def run_everything(console: Console, started: float) -> int:
    """Start the servers, prepare the installation, supervise the children; PostgreSQL stops last."""
    with ExitStack() as stack:
        servers = embedded_servers()
        for server in servers:
            console.say(f"Starting {server.name} in {server.paths.base}")
            stack.enter_context(server)
        # Apart, as this process lives on and needs nothing of what migrating loads.
        admin = in_child(partial(prepare, console))
        readiness = Readiness(
            host=ANY_ADDRESS.get(settings.HOST, settings.HOST),
            port=settings.PORT,
            host_header=host_header(),
            announce=lambda: announce(console, admin, time.monotonic() - started),
            complain=console.say,
        )
        return Supervisor(child_specs(), servers, console).run(readiness.check)


def embedded_servers() -> list[EmbeddedServer]:
    """The servers that no URL names, in the order in which they start."""
    servers: list[EmbeddedServer] = []
    if not settings.DATABASE_URL:
        servers.append(EmbeddedPostgres(settings.EMBEDDED))
    if f"unix://{settings.EMBEDDED.valkey_socket}" == settings.REDIS_URL:
        servers.append(EmbeddedValkey(settings.EMBEDDED))
    return servers


def prepare(console: Console) -> FirstAdmin | None:
    """Tables, static files, first administrator. Leaves no database connection open."""
    if count := migrate():
        console.say(f"Brought the tables up to date ({count} migrations)")
    if collect_static(settings.DATA_DIR):
        console.say("Gathered the static files")
    admin = ensure_admin(settings.DATA_DIR)
    connection.close()
    return admin


def child_specs() -> list[ChildSpec]:
    """Web, worker and scheduler."""
    celery = [sys.executable, "-W", ROOT_WARNING, "-m", "celery", "--quiet", "--skip-checks", "--app", "config"]
    level = ["--loglevel", settings.LOG_LEVEL]
    worker = [
        *celery,
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        str(settings.CELERY_WORKER_CONCURRENCY),
    ]
    drain = settings.WORKER_SHUTDOWN_GRACE_SECONDS + QUICK_STOP_SECONDS
    return [
        ChildSpec("web", web_command(), settings.BASE_DIR, QUICK_STOP_SECONDS),
        ChildSpec("worker", [*worker, *QUIET, *level], settings.BASE_DIR, drain),
        ChildSpec("scheduler", [*celery, "beat", "--pidfile=", *level], settings.BASE_DIR, QUICK_STOP_SECONDS),
    ]


def web_command() -> list[str]:
    """granian with as many processes and threads as the settings say."""
    options = {
        "interface": "wsgi",
        "host": settings.HOST,
        "port": settings.PORT,
        "workers": settings.WEB_WORKERS,
        "blocking-threads": settings.WEB_THREADS,
        # As long as can be: each thread has its connection to PostgreSQL, and makes it anew when it is started anew.
        "blocking-threads-idle-timeout": 600,
        "workers-kill-timeout": 5,
        # Its warnings are on the number of threads, which the settings have chosen.
        "log-level": "error",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    # When one of its processes is killed, it replaces that one; otherwise it would end, and the others with it.
    return [sys.executable, "-m", "granian", "--respawn-failed-workers", *arguments, "config.wsgi:application"]


def host_header() -> str:
    """A host name that ALLOWED_HOSTS lets through."""
    named = [name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", "."))]
    return named[0] if named else "localhost"


def data_folder() -> str:
    """What commands in another shell need in front of them, to find the servers of this installation."""
    return f"DATA_DIR={shlex.quote(str(settings.DATA_DIR))} " if "DATA_DIR" in os.environ else ""


def announce(console: Console, admin: FirstAdmin | None, seconds: float) -> None:
    """Say where to go."""
    address = f"http://{ANY_ADDRESS.get(settings.HOST, settings.HOST)}:{settings.PORT}"
    console.say(f"Ready after {seconds:.1f} s. Stop with Ctrl-C.")
    console.say(f"  Console    {address}/admin/")
    console.say(f"  API docs   {address}/api/docs/")
    console.say(f'  Ask        {data_folder()}.venv/bin/python manage.py ask "Why is the sky blue?"')
    if admin is None:
        return
    console.say(f"  User       {admin.username}")
    if admin.password is not None:
        console.say(f"  Password   {admin.password}   (shown this once, kept in {admin.password_file})")
