"""Pictures of pages into text, several side by side. Runs in the child."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from documents.reading.engine import Engine
from documents.reading.limits import MEBIBYTE, Limits
from documents.reading.results import OCR, PageText
from documents.reading.scan import Scan
from documents.reading.tidying import tidy_page

#: What the interpreter, the libraries and the file itself take, and what each page under work does.
BASE_BYTES = 200 * MEBIBYTE
PAGE_BYTES = 120 * MEBIBYTE


class Recognizer:
    """Takes scans, gives texts to `on_text`, from several threads. `data` is the folder with the language data.

    Tesseract lets other threads run while it works; each thread has an engine of its own.
    """

    def __init__(self, data: str, limits: Limits, on_text: Callable[[PageText], None]) -> None:
        self._data = data
        self._on_text = on_text
        self._threads = _threads(limits)
        self._pool = ThreadPoolExecutor(self._threads)
        self._engines = threading.local()
        self._pending: deque[Future[None]] = deque()

    def take(self, scan: Scan) -> None:
        """Have `scan` recognised; waits while enough are under work. Raises what an earlier one has raised."""
        while len(self._pending) > self._threads:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._recognise, scan))

    def finish(self) -> None:
        """Wait for all that were taken. Raises what one of them has raised."""
        while self._pending:
            self._pending.popleft().result()

    def _recognise(self, scan: Scan) -> None:
        started = time.monotonic()
        text, confidence = self._engine().read(scan.image)
        seconds = scan.seconds + time.monotonic() - started
        self._on_text(PageText(scan.number, tidy_page(text), OCR, confidence, int(seconds * 1000)))

    def _engine(self) -> Engine:
        if not hasattr(self._engines, "own"):
            self._engines.own = Engine(self._data)
        return self._engines.own  # type: ignore[no-any-return]


def _threads(limits: Limits) -> int:
    """As many pages at once as may be and as memory has room for."""
    room = (limits.memory_bytes - BASE_BYTES) // PAGE_BYTES
    return max(1, min(limits.threads, room))
