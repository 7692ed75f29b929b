"""Opening a file in a process of its own, which can neither harm nor outlive this one."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from documents.reading import child
from documents.reading.endings import Ending, verdict
from documents.reading.installed import data_folder
from documents.reading.limits import Limits
from documents.reading.messages import Inlet, encode_limits
from documents.reading.reasons import Interrupted
from documents.reading.results import PageText, Picture
from documents.reading.watch import Watch

OnPage = Callable[[PageText, int | None], None]

CHILD = Path(child.__file__).resolve()
CHUNK_BYTES = 1 << 16
#: How often, at least, clock, memory and stop are looked at, in seconds.
GLANCE = 0.1
STDERR_TAIL_BYTES = 2000


def read(
    path: Path, *, limits: Limits, on_page: OnPage | None = None, stop: threading.Event | None = None
) -> list[PageText]:
    """The pages of the file at `path`, in order.

    `on_page` gets each page as soon as it is read, in any order, with the number of pages where it is known. It runs in
    this thread. Once `stop` is set, the child is killed. Raises Unreadable, and Interrupted when stopped.
    """
    pages: list[PageText] = []
    with data_folder() as data, _child(path, limits, "read", data) as process:
        reading = _Reading(process, limits, stop)
        for page, count in reading.messages():
            pages.append(page)
            if on_page is not None:
                on_page(page, count)
        reading.finish()
    return sorted(pages, key=lambda page: page.number)


def draw(path: Path, *, number: int, width: int, limits: Limits) -> Picture | None:
    """How page `number` of the file at `path` looks, about `width` pixels wide; narrower where it holds no more.

    None where there is no such page, or nothing to be seen, as in a text. `limits.max_text_bytes` bounds the picture.
    Raises Unreadable.
    """
    with _child(path, limits, "draw", number, width) as process:
        drawing = _Reading(process, limits, None)
        for _page in drawing.messages():
            """A child that draws says nothing of texts."""
        drawing.finish()
    return drawing.picture


@contextmanager
def _child(path: Path, limits: Limits, task: str, *details: object) -> Iterator[subprocess.Popen[bytes]]:
    """The running child; it is gone afterwards, however that comes."""
    process = subprocess.Popen(  # noqa: S603
        [
            *(sys.executable, "-I", str(CHILD), str(os.getpid()), str(path.resolve()), encode_limits(limits)),
            *(task, *map(str, details)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=_environment(),
        start_new_session=True,
        bufsize=0,
    )
    with process:
        try:
            yield process
        finally:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what hasn't been waited for: until then nobody else has its number."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Nothing of ours. One thread a page, as pages run side by side; few arenas, as each holds on to memory."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",
        "MALLOC_ARENA_MAX": "2",
    }


class _Reading:
    """Listening to a child, with a clock."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, stop: threading.Event | None) -> None:
        self._process = process
        self._limits = limits
        self._stop = stop
        self._inlet = Inlet(limits)
        self._complaints = b""
        self._watch = Watch(process.pid, limits)

    @property
    def picture(self) -> Picture | None:
        """How a page looks, if the child has said it."""
        return self._inlet.picture

    def messages(self) -> Iterator[tuple[PageText, int | None]]:
        """The pages as they come, until the child has closed its pipes. Raises Unreadable and Interrupted."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ, data="stdout")
            selector.register(self._process.stderr, selectors.EVENT_READ, data="stderr")
            while selector.get_map():
                self._check_stop()
                self._watch.look()
                for key, _events in selector.select(GLANCE):
                    data = os.read(key.fd, CHUNK_BYTES)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data == "stderr":
                        self._complaints = (self._complaints + data)[-STDERR_TAIL_BYTES:]
                    else:
                        yield from self._pages(data)

    def _pages(self, data: bytes) -> Iterator[tuple[PageText, int | None]]:
        for page in self._inlet.feed(data):
            yield page
            self._watch.page_came()

    def finish(self) -> None:
        """Wait for the child. Raises Unreadable unless it said that all was done."""
        # It has closed its pipes: it is ending, with a code that this does not change, or it is up to no good.
        _kill(self._process)
        code = self._process.wait()
        if not self._inlet.done:
            raise verdict(Ending(code, self._watch.peak, self._complaints), self._limits)

    def _check_stop(self) -> None:
        if self._stop is not None and self._stop.is_set():
            raise Interrupted
