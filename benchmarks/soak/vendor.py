"""The vendor: a process of its own that answers as vendors do, well and badly.

    python -m benchmarks.soak.vendor SEED FILE

It prints its port. Each line of its input is the mood that it is in from then on; at the end of the input it ends. FILE
gets a line for each call: whose request it was.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Self

from config.embedded.processes import tied_command
from config.tests.running import PROJECT
from providers.tests import wire
from providers.tests.stubs import Call, Reply, VendorStub

#: Answers take about so many seconds, so that every fault finds some under way; none as long as LLM_CHUNK_TIMEOUT.
MEDIAN_SECONDS, SPREAD, LONGEST_SECONDS = 1.2, 0.8, 4.0
#: So many of the calls go wrong also on a good day.
BAD_DAY_SHARE = 0.02
#: Longer than LLM_CHUNK_TIMEOUT of the installation.
SILENT_SECONDS = 8.0
FINE, RATE_LIMITED, FAULTY, SILENT, HTML, CUT = "fine", "rate limited", "faulty", "silent", "html", "cut"
MOODS = (FINE, RATE_LIMITED, FAULTY, SILENT, HTML, CUT)


def reply_in(mood: str, call: Call, random: Random) -> Reply:
    """What the vendor says in this mood. It is indiscreet: its errors repeat the key that the caller sent."""
    key = call.headers.get("authorization", "")
    latency = min(random.lognormvariate(0, SPREAD) * MEDIAN_SECONDS, LONGEST_SECONDS)
    error = {"error": {"message": f"No. You sent {key}", "type": "server_error", "code": key}}
    if mood == RATE_LIMITED:
        return Reply(status=429, headers={"retry-after": "1"}, body=error, latency=latency / 4)
    if mood == FAULTY:
        return Reply(status=random.choice((500, 502, 503)), body=error, latency=latency / 4)
    if mood == SILENT:
        return Reply(latency=SILENT_SECONDS)
    if mood == HTML:
        return Reply(body=f"<html>Please sign in, {key}</html>", content_type="text/html", latency=latency)
    if mood == CUT:
        return Reply(cut_after=2, latency=latency) if call.streaming else Reply(drop_after=0, latency=latency)
    chunks = random.randint(3, 20)
    return Reply(text="A word and another. " * chunks, latency=latency, chunks=chunks, chunk_interval=0.03)


class MoodyVendor(VendorStub):
    """Answers as its mood is, and writes down each call."""

    def __init__(self, seed: int, file: Path) -> None:
        super().__init__()
        self.mood = FINE
        self.random = Random(seed)
        self.number = 0
        self.file = file.open("a", encoding="utf-8")

    def _next_reply(self, call: Call) -> Reply:
        self.calls.clear()
        self.number += 1
        self.file.write(f"{call.headers.get('x-client-request-id', '')}\n")
        self.file.flush()
        bad_day = self.random.random() < BAD_DAY_SHARE
        mood = self.random.choice(MOODS) if bad_day and self.mood == FINE else self.mood
        return wire.with_request_id(call.vendor, reply_in(mood, call, self.random), f"req_{self.number}")


class Vendor:
    """The process, from outside. Start it from the main thread."""

    def __init__(self, seed: int, file: Path) -> None:
        self.file = file
        self.seed = seed

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.soak.vendor", str(self.seed), str(self.file)]
        self.process = subprocess.Popen(
            tied_command(command, signal.SIGTERM),
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/v1"
        return self

    def __exit__(self, *error: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def be(self, mood: str) -> None:
        """Change its mood."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{mood}\n")
        self.process.stdin.flush()

    def calls(self) -> list[str]:
        """Whose request each call was for."""
        return self.file.read_text("utf-8").split()


def main(seed: str, file: str) -> None:
    vendor = MoodyVendor(int(seed), Path(file))
    with vendor:
        print(vendor.port, flush=True)
        for line in sys.stdin:
            vendor.mood = line.strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
