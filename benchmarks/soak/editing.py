"""The one who writes versions and activates them, one after the other, so that it is known what is active when."""

from __future__ import annotations

from collections import deque
from typing import Any

from benchmarks.soak.caller import PROMPTS, TYPE, Caller

KEPT = 20
ROLLBACK_SHARE, DELETE_SHARE, NOTE_SHARE = 0.25, 0.3, 0.3


class Editor(Caller):
    """Writes a version and activates it; now and then goes back to an old one, takes one away, notes something."""

    pace = 0.3
    #: An activation that was given up and done after the next one would make every read look stale.
    timeout = 120.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.versions: deque[int] = deque()
        self.active = 0

    def begin(self) -> None:
        """Make the type and its first version, before anybody asks for it."""
        kind = {"slug": TYPE, "label": "Soak", "required_placeholders": ["input"]}
        self.call("make type", "POST", "/api/ai/prompt-types/", expected={201}, json=kind)
        self._write()

    def step(self) -> None:
        if len(self.versions) > 2 and self.random.random() < ROLLBACK_SHARE:
            self._activate(self.random.choice(self.versions))
        else:
            self._write()
        if self.random.random() < NOTE_SHARE:
            note = {"manualNote": f"Seen at step {self.number}"}
            self.call("note", "PATCH", self._place(self.active, "note"), expected={200}, json=note)
        if len(self.versions) > KEPT and self.random.random() < DELETE_SHARE:
            self._take_away()

    def _write(self) -> None:
        def told(body: dict[str, Any]) -> dict[str, Any]:
            return {"number": body["data"]["versionNumber"], "sha256": body["data"]["templateSha256"]}

        key = self.key()
        body = self.insist(
            "write version", "POST", f"{PROMPTS}{TYPE}", expected={201, 409}, tell=told, headers=key,
            facts={"key": key["Idempotency-Key"]}, json={"template": f"Step {self.number}: {{{{input}}}}"},
        )  # fmt: skip
        if body is not None:
            self.versions.append(body["data"]["versionNumber"])
            self._activate(self.versions[-1])

    def _activate(self, number: int) -> None:
        self.active = number
        self.insist(
            "activate", "POST", self._place(number, "activate"), expected={200}, facts={"version": number}, json={}
        )

    def _take_away(self) -> None:
        """404 is the answer to the second try, where the first was done and its answer was lost."""
        number = next(number for number in self.versions if number != self.active)
        self.versions.remove(number)
        self.call("delete version", "DELETE", self._place(number), expected={204, 404}, facts={"version": number})

    def _place(self, number: int, what: str = "") -> str:
        return f"{PROMPTS}{TYPE}/{number}{'/' if what else ''}{what}"
