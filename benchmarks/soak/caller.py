"""How a client speaks to the API: every call is in the journal, and what has a key is sent until it is answered."""

from __future__ import annotations

import threading
import time
from random import Random
from typing import Any

import httpx2

from benchmarks.soak.house import House
from benchmarks.soak.journal import Journal

#: What an installation may answer while something is broken; 0 is no answer at all.
OUTAGE = {0, 503}
PAUSE_SECONDS = 1.0
#: Whoever has sent the same thing for so long gives up; that is found in the journal.
PATIENCE_SECONDS = 240.0
PROMPTS = "/api/ai/prompts/"
MODEL = "openai/stub"
TYPE = "soak"


class Caller(threading.Thread):
    """One client with a connection, a name and dice of its own. Subclasses say in `step` what it does."""

    #: How many steps it takes a second, on average.
    pace = 1.0
    #: How long it waits for an answer.
    timeout = 30.0

    def __init__(self, name: str, house: House, journal: Journal, seed: int, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.house = house
        self.http = house.client(self.timeout)
        self.journal = journal
        self.random = Random(f"{seed} {name}")
        self.stop = stop
        self.number = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Take steps at random moments until told to stop."""
        try:
            while not self.stop.wait(self.random.expovariate(self.pace)):
                self.number += 1
                self.step()
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self.http.close()

    def step(self) -> None:
        """Do one thing."""
        raise NotImplementedError

    def call(self, do: str, method: str, path: str, *, expected: set[int], tell: Any = None, **options: Any) -> Any:
        """The body of the answer where it was one of the first kind (2xx), else None.

        `expected` are the statuses that this call may come to besides those of an outage; `tell` makes of the body
        what the journal shall know besides.
        """
        facts = options.pop("facts", {})
        begun = time.monotonic()
        status, body, headers = self._send(method, path, options)
        if status not in expected | OUTAGE:
            facts = facts | {"surprise": str(body)[:500]}
        good = 200 <= status < 300
        told = tell(body) if tell and good else {}
        replayed = {"replayed": True} if "idempotent-replayed" in headers else {}
        self.journal.write(do, begun=begun, status=status, by=self.name, **facts, **told, **replayed)
        return body if good else None

    def _send(self, method: str, path: str, options: dict[str, Any]) -> tuple[int, Any, Any]:
        try:
            answer = self.http.request(method, path, **options)
            is_json = "json" in answer.headers.get("content-type", "")
            return answer.status_code, answer.json() if is_json else answer.text, answer.headers
        except httpx2.TimeoutException:
            return 0, "timeout", {}
        except httpx2.HTTPError as error:
            return 0, repr(error), {}

    def insist(self, do: str, method: str, path: str, **options: Any) -> Any:
        """Send it until it is answered; None when that took too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (body := self.call(do, method, path, **options)) is None:
            if time.monotonic() > deadline:
                self.journal.write("gave up", begun=deadline - PATIENCE_SECONDS, status=-1, facts=do)
                return None
            time.sleep(PAUSE_SECONDS)
        return body

    def key(self) -> dict[str, str]:
        """An Idempotency-Key that nobody else has."""
        return {"Idempotency-Key": f"{self.name} {self.number}"}
