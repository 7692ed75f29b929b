"""Clients that ask: requests of every kind, and looking at what came of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from benchmarks.soak.caller import MODEL, PROMPTS, TYPE, Caller

READS = ("", "?status=completed", "?status=failed", "?page_size=200", "?prompt_type=soak", "?search=word")
REMEMBERED = 500


def _told(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": body["id"], "state": body["status"], "version": body["version_number"]}


class Asker(Caller):
    """Sends requests, repeats some, cancels some, replays some, tries versions out, and reads."""

    pace = 2.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.mine: deque[str] = deque(maxlen=REMEMBERED)
        self.keyed: deque[tuple[str, dict[str, str], dict[str, Any], str]] = deque(maxlen=REMEMBERED)
        self.deeds: dict[Callable[[], None], int] = {
            self.ask: 12, self.ask_with_key: 12, self.ask_of_active: 10, self.repeat: 5, self.resolve: 22,
            self.look: 14, self.browse: 6, self.cancel: 4, self.replay: 3, self.try_out: 4, self.receipt: 2,
            self.audit: 2, self.measure: 1,
        }  # fmt: skip

    def step(self) -> None:
        (deed,) = self.random.choices([*self.deeds], [*self.deeds.values()])
        deed()

    def ask(self) -> None:
        """Without a key: when no answer comes, nobody knows whether it was accepted."""
        self._keep(self.call("ask", "POST", PROMPTS, expected={201}, tell=_told, json=self._question()))

    def ask_with_key(self) -> None:
        self._insist_on(PROMPTS, self._question())
        if self.keyed and self.random.random() < 0.4:
            self._again(self.keyed[-1])

    def ask_of_active(self) -> None:
        """What the active version is at that moment must be seen in it."""
        body = {"model": MODEL, "prompt_type": TYPE, "variables": {"input": f"{self.name} {self.number}"}}
        self._keep(self.call("resolve by asking", "POST", PROMPTS, expected={201}, tell=_told, json=body))

    def repeat(self) -> None:
        """Something that was sent long ago."""
        if self.keyed:
            self._again(self.random.choice(self.keyed))

    def resolve(self) -> None:
        def told(body: dict[str, Any]) -> dict[str, Any]:
            return {"version": body["data"]["versionNumber"]}

        self.call("resolve", "GET", f"{PROMPTS}{TYPE}/active", expected={200}, tell=told)

    def look(self) -> None:
        if self.mine:
            chosen = self.random.choice(self.mine)
            self.call("look", "GET", f"{PROMPTS}{chosen}", expected={200}, tell=_told)

    def browse(self) -> None:
        self.call("browse", "GET", PROMPTS + self.random.choice(READS), expected={200})

    def cancel(self) -> None:
        """At once, so that it may be waiting, running or done; 409 says that it was done."""
        body = self.call("ask", "POST", PROMPTS, expected={201}, tell=_told, json=self._question())
        if body is not None:
            place = f"{PROMPTS}{body['id']}/cancel"
            self.call("cancel", "POST", place, expected={200, 409}, tell=_told, facts={"of": body["id"]}, json={})

    def replay(self) -> None:
        if self.mine:
            self._insist_on(f"{PROMPTS}{self.random.choice(self.mine)}/replay", {})

    def try_out(self) -> None:
        """Its answer is streamed."""

        def told(body: dict[str, Any]) -> dict[str, Any]:
            return {"id": body["data"]["requestId"], "version": body["data"]["versionNumber"]}

        body = {"text": f"Try this, {self.name} {self.number}", "model": MODEL}
        self.call("try out", "POST", f"{PROMPTS}{TYPE}/sandbox", expected={202}, tell=told, json=body)

    def receipt(self) -> None:
        if self.mine:
            self.call("receipt", "GET", f"{PROMPTS}{self.random.choice(self.mine)}/receipt", expected={200})

    def audit(self) -> None:
        self.call("audit", "GET", self.random.choice(("/api/audit/", "/api/audit/state")), expected={200})

    def measure(self) -> None:
        """As an operator's monitoring does, which has a token of its own."""
        header = {"Authorization": f"Bearer {self.house.secrets['METRICS_TOKEN']}"}
        self.call("metrics", "GET", "/metrics", expected={200}, headers=header)

    def _question(self) -> dict[str, Any]:
        words = "word " * self.random.randint(1, 400)
        return {"model": MODEL, "prompt_type": "text", "prompt_text": f"{self.name} {self.number} {words}"}

    def _keep(self, body: dict[str, Any] | None) -> None:
        if body is not None:
            self.mine.append(body["id"])

    def _insist_on(self, path: str, body: dict[str, Any]) -> None:
        key = self.key()
        facts = {"key": key["Idempotency-Key"]}
        options = {"expected": {201, 409}, "tell": _told, "facts": facts, "headers": key, "json": body}
        answer = self.insist("ask with key", "POST", path, **options)
        if answer is not None:
            self._keep(answer)
            self.keyed.append((path, key, body, answer["id"]))

    def _again(self, sent: tuple[str, dict[str, str], dict[str, Any], str]) -> None:
        path, key, body, _id = sent
        facts = {"key": key["Idempotency-Key"]}
        self.call(
            "ask with key", "POST", path, expected={201, 409}, tell=_told, facts=facts, headers=key, json=body
        )  # fmt: skip
