"""Worker processes that are killed or told to stop while they read."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

from documents.models import Document, DocumentFile
from documents.services import reading
from documents.tests.factories import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]

PROJECT = Path(__file__).resolve().parents[2]
PAGES = 6


def scan() -> bytes:
    """Pages enough to be killed in the middle of."""
    pages = []
    for number in range(1, PAGES + 1):
        image = Image.new("L", (1200, 700), 255)
        text = "\n".join(f"Line {line} of page {number}: total {line * number}.00" for line in range(6))
        ImageDraw.Draw(image).multiline_text((100, 100), text, font=ImageFont.load_default(36), fill=0)
        pages.append(image)
    content = BytesIO()
    pages[0].save(content, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate", dpi=(200, 200))
    return content.getvalue()


class Worker:
    """A worker as an operator starts it."""

    def __init__(self, environment: dict[str, str]) -> None:
        quick = {"LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5", "SWEEP_SECONDS": "0.3", "POLL_SECONDS": "0.2"}
        options = "--pool threads --concurrency 1 --without-gossip --without-mingle --without-heartbeat"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "config", "worker", *options.split()],
            cwd=PROJECT,
            env=environment | quick,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(20)


@pytest.fixture
def start(child_environment: dict[str, str]) -> Iterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(child_environment))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.end(signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def now(document: Document) -> DocumentFile:
    return DocumentFile.objects.get(pk=document.file_id)


def test_a_file_is_read_whole_although_one_worker_is_killed_and_the_next_stopped(start: Callable[[], Worker]) -> None:
    document = upload(scan(), name="scan.tiff")

    killed = start()
    wait_for(lambda: now(document).pages_read > 0)
    children = killed.children()
    killed.end(signal.SIGKILL)
    wait_for(lambda: bool(children) and not any(lives(child) for child in children), 5)
    assert (now(document).state, document.file.pages.count()) == ("reading", 0)

    stopped = start()
    wait_for(lambda: now(document).attempts == 2 and now(document).pages_read > 0)
    stopped.end(signal.SIGTERM)
    assert (now(document).state, now(document).attempts) == ("pending", 1)

    start()
    wait_for(lambda: now(document).state == "read")
    assert document.file.pages.count() == PAGES
    assert f"page {PAGES}" in reading.text_of(document.file)


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
