"""Files made to do harm: each ends as unreadable, soon, within its memory."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress

import psutil
import pytest

from documents.reading import Limits, Unreadable, read
from documents.tests.reading import bombs
from documents.tests.reading.pdfs import write

pytestmark = pytest.mark.serial

MEMORY_BYTES = 512 << 20
SECONDS = 30


@contextmanager
def _peak_of_children():
    """A list whose only item is the most memory that a child of this process has held."""
    peak = [0]
    over = threading.Event()

    def watch():
        while not over.wait(0.02):
            for process in psutil.Process().children():
                with suppress(psutil.Error):
                    peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


@pytest.mark.parametrize("bomb", bombs.REASONS, ids=lambda bomb: bomb.__name__)
def test_a_bomb_goes_off_in_its_own_process_only(tmp_path, bomb):
    path = write(tmp_path, "harmless.txt", bomb())
    started = time.monotonic()
    with _peak_of_children() as peak, pytest.raises(Unreadable) as caught:
        read(path, limits=Limits(memory_bytes=MEMORY_BYTES))
    assert caught.value.reason in bombs.REASONS[bomb], caught.value
    assert 0 < peak[0] < MEMORY_BYTES
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize("oddity", bombs.HARMLESS, ids=lambda oddity: oddity.__name__)
def test_an_oddity_is_read_for_what_it_is(tmp_path, oddity):
    with _peak_of_children() as peak:
        pages = read(write(tmp_path, "odd", oddity()), limits=Limits(memory_bytes=MEMORY_BYTES))
    assert [page.text for page in pages] == bombs.HARMLESS[oddity]
    assert peak[0] < MEMORY_BYTES
