"""How long it takes after a fault until all is as before."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psycopg

from benchmarks.soak.caller import MODEL, PROMPTS
from benchmarks.soak.house import House

#: What was struck where no process of the kind came in time.
NOBODY = "nobody was there to be struck"
LIMIT_SECONDS = 90.0
#: After so long nobody waits any more.
HOPELESS_SECONDS = 3 * LIMIT_SECONDS
MAX_DUE_SECONDS = 5.0
LOOK_SECONDS = 0.25
#: A probe that was not answered by then is left to itself, and another one is sent.
PROBE_SECONDS = 5.0
OLDEST_DUE = """
    SELECT coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0)::float8 FROM prompt_requests
    WHERE status = 'pending' AND next_attempt_at <= now() AND NOT awaits_text"""
#: Calls under way that began before.
CALLS_FROM_BEFORE = """
    SELECT count(*) FROM prompt_requests r JOIN prompt_attempts a ON a.request_id = r.id AND a.number = r.attempt_count
    WHERE r.status = 'generating' AND a.started_at < to_timestamp(%s)"""


@dataclass
class Recovery:
    """`serving` seconds until /readyz was green, nothing due was old and a probe came back; `whole` until, besides,
    no call from before the fault was still taken for running: its worker answered, or lost its lease. None: never.
    """

    fault: str
    struck: str
    minute: float
    serving: float | None = None
    whole: float | None = None
    late_probes: int = 0
    began: float = field(default_factory=time.monotonic)
    at: float = field(default_factory=time.time)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name) for name in ("fault", "struck", "minute", "serving", "whole", "late_probes")}

    @property
    def seconds(self) -> float:
        """Since the fault."""
        return round(time.monotonic() - self.began, 2)


class Watch(threading.Thread):
    """Looks at the installation until the recovery is complete or hopeless."""

    def __init__(self, house: House, recovery: Recovery) -> None:
        super().__init__(name=f"watch {recovery.fault}", daemon=True)
        self.house = house
        self.recovery = recovery

    def run(self) -> None:
        """Fill the recovery in."""
        with self.house.client(PROBE_SECONDS) as http:
            while self.recovery.serving is None and not self._hopeless():
                if self._serves(http):
                    self.recovery.serving = self.recovery.seconds
                time.sleep(LOOK_SECONDS)
        while self.recovery.whole is None and not self._hopeless():
            if self._asked(CALLS_FROM_BEFORE, self.recovery.at) == 0:
                self.recovery.whole = self.recovery.seconds
            time.sleep(1)

    def _hopeless(self) -> bool:
        return self.recovery.seconds > HOPELESS_SECONDS

    def _serves(self, http: httpx2.Client) -> bool:
        try:
            return http.get("/readyz").status_code == 200 and self._is_prompt() and self._probe(http)
        except httpx2.HTTPError:
            return False

    def _is_prompt(self) -> bool:
        age = self._asked(OLDEST_DUE)
        return age is not None and age < MAX_DUE_SECONDS

    def _asked(self, query: str, *values: Any) -> float | None:
        try:
            return float(self.house.sql(query, *values)[0][0])
        except psycopg.Error:
            return None

    def _probe(self, http: httpx2.Client) -> bool:
        body = {"model": MODEL, "prompt_type": "text", "prompt_text": "Is anybody there?", "purpose": "probe"}
        answer = http.post(PROMPTS, json=body)
        if answer.status_code != 201:
            return False
        deadline = time.monotonic() + PROBE_SECONDS
        while time.monotonic() < deadline:
            got = http.get(f"{PROMPTS}{answer.json()['id']}")
            if got.status_code == 200 and got.json()["status"] == "completed":
                return self._is_prompt()
            time.sleep(LOOK_SECONDS)
        self.recovery.late_probes += 1
        return False
