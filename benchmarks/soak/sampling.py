"""What the installation takes while it runs: memory, open files, connections, queue, logs; every ten seconds."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.soak import roles
from benchmarks.soak.house import APPLICATION, House
from benchmarks.soak.recovery import OLDEST_DUE

EVERY_SECONDS = 10.0
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> %s"
LEFT = """SELECT count(*) FROM prompt_requests WHERE status IN ('pending', 'generating')"""
KILOBYTE = 1024


class Sampler(threading.Thread):
    """Writes a line of JSON for each look."""

    def __init__(self, house: House, path: Path, stop: threading.Event) -> None:
        super().__init__(name="sampler", daemon=True)
        self.house = house
        self.file = path.open("a", encoding="utf-8")
        self.path = path
        self.stop = stop

    def run(self) -> None:
        """Look until told to stop."""
        while not self.stop.wait(EVERY_SECONDS):
            self.file.write(json.dumps(self.look()) + "\n")
            self.file.flush()

    def look(self) -> dict[str, Any]:
        """Everything at this moment; what can't be asked now is None."""
        return {
            "at": time.monotonic(),
            "clock": time.time(),
            "processes": [seen for role, process in roles.processes(self.house) if (seen := self._seen(role, process))],
            "connections": self._asked(CONNECTIONS, APPLICATION),
            "oldest_due": self._asked(OLDEST_DUE),
            "unfinished": self._asked(LEFT),
            "log_bytes": sum(file.stat().st_size for file in self.house.log_files()),
        }

    def _seen(self, role: str, process: psutil.Process) -> dict[str, Any] | None:
        """Memory in bytes; `own` is what it has allocated, swapped out or not, whoever else shares it."""
        with suppress(psutil.Error, OSError):
            status = _figures(f"/proc/{process.pid}/status")
            shared_out = _figures(f"/proc/{process.pid}/smaps_rollup")
            files = len(os.listdir(f"/proc/{process.pid}/fd"))
            return {
                "role": role,
                "pid": process.pid,
                "started": process.create_time(),
                "own": (status["RssAnon"] + status["VmSwap"]) * KILOBYTE,
                "pss": shared_out["Pss"] * KILOBYTE,
                "files": files,
                "lasting_files": files - roles.connections_to(self.house.vendor_port, process),
            }
        return None

    def _asked(self, query: str, *values: Any) -> float | None:
        try:
            return float(self.house.sql(query, *values)[0][0])
        except psycopg.Error:
            return None

    def samples(self) -> list[dict[str, Any]]:
        """All looks so far."""
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]


def _figures(path: str) -> dict[str, int]:
    """The lines `Name:  123 kB` of a file of the kernel's (proc(5))."""
    lines = (line.split() for line in Path(path).read_text("ascii", errors="replace").splitlines())
    return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) == 3 and line[2] == "kB"}
