"""Forks Celery workers from a process that has imported everything.

    python -m config.tests.e2e.nursery [--without-fence]

A worker needs seconds of processor time to import itself; a test that kills two of them a second would measure
that. A line on standard input is the name of a worker to start, its process id is the answer. At the end of the
input all workers are killed.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

import django

#: What a worker imports on its way to its first request.
IMPORTED = (
    "celery.apps.worker",
    "celery.bin.worker",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "audit.sealer",
    "documents.worker",
    "prompts.engine",
)


def remove_fence() -> None:
    """Break the one condition that the chaos test must find missing."""
    from prompts.services import recording

    fence = "r.lease_token = result.token AND "
    if fence not in recording._MOVE:
        raise SystemExit("The fence was not found where this program breaks it.")
    recording._MOVE = recording._MOVE.replace(fence, "")


def run_worker(name: str) -> None:
    """Be a worker until the end of this process."""
    from config.celery import QUIET, app

    app.worker_main(
        [
            "worker",
            f"--hostname={name}",
            "--loglevel=WARNING",
            *QUIET,
            "--concurrency=2",
        ]
    )


def import_everything() -> None:
    """Leave a tenth of a second of a worker's start, else more than one."""
    django.setup()
    from config.celery import app
    from providers import registry

    for name in IMPORTED:
        import_module(name)
    app.loader.import_default_modules()
    app.finalize()
    registry.warm_up()


def main() -> None:
    import_everything()
    if "--without-fence" in sys.argv:
        remove_fence()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            run_worker(line.strip())
            os._exit(0)
        children.append(pid)
        print(pid, flush=True)
    for pid in children:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
