"""`manage.py run`, from the command to a green /readyz, and what the whole of it takes in memory when idle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processors
from benchmarks.figures import Figure
from benchmarks.site import Site, answers, seconds_of
from config.tests.e2e.installation import wait_for
from config.tests.running import PROJECT, free_port

AIM_SECONDS, AIM_MEGABYTES = 5.0, 500.0
START_SECONDS, STOP_SECONDS = 180.0, 60.0
#: After the start, so that what is done once is over.
IDLE_SECONDS = 8.0


def start(site: Site) -> list[Figure]:
    """In an empty folder, and then again; beside a process that only sets Django up with all of the product."""
    floor = seconds_of(lambda: site.installation.manage("diffsettings"))
    with tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with running(folder) as (_process, first):
            pass
        with running(folder) as (process, second):
            time.sleep(IDLE_SECONDS)
            memory = processors.megabytes(process.pid)
            parts = ", ".join(f"{part:.0f}" for part in sorted(_parts(process.pid), reverse=True) if part >= 10)
    what = "one django.setup()"
    return [
        Figure("start, first", first, "s", floor, what, remarks="empty folder: makes database, tables, secrets"),
        Figure("start, second", second, "s", floor, what, AIM_SECONDS),
        Figure("idle memory", memory, "MB", aim=AIM_MEGABYTES, remarks=f"PSS of all processes; the largest: {parts}"),
    ]


def _parts(pid: int) -> Iterator[float]:
    for process in processors.family(pid):
        yield processors.own_megabytes(process)


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The product with its data in `folder`, and the seconds until it was ready."""
    port, started = free_port(), time.monotonic()
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "data"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    with (folder / "run.log").open("wb") as log:
        command = [sys.executable, "manage.py", "run"]
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: _is_ready(process, port), START_SECONDS, lambda: (folder / "run.log").read_text())
        yield process, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "manage.py run has ended"
    return answers(port, "/readyz")
