"""What the clients saw: one line of JSON for each call, written before the next is made."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """Appended to by every client. Times are seconds of this process's monotonic clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path.open("a", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, do: str, *, begun: float, status: int, **facts: Any) -> None:
        """One call that was begun then and has ended now; `status` 0 where no answer came."""
        entry = {"do": do, "begun": begun, "ended": time.monotonic(), "status": status} | facts
        line = json.dumps(entry, default=str)
        with self.lock:
            self.file.write(f"{line}\n")
            self.file.flush()

    def entries(self) -> list[Entry]:
        """All of them, in the order in which they ended."""
        with self.lock:
            return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
