"""How the installation is at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prompts.admin.operations.parts import Inspect, Part
from prompts.services import presence, sealing
from prompts.services.figures.queue import Queue, queue
from prompts.services.operations.pins import BrokenPin, broken_pins
from prompts.services.operations.providers import ProviderHealth, provider_health
from prompts.services.presence import Worker


@dataclass(frozen=True, slots=True)
class State:
    """What was found, from a handful of queries whose number doesn't grow. `unsealed` is in seconds."""

    queue: Queue
    workers: Sequence[Worker]
    providers: Sequence[ProviderHealth]
    pins: Sequence[BrokenPin]
    parts: Sequence[Part]
    unsealed: float

    @property
    def alive(self) -> list[Worker]:
        """The workers that run."""
        return [worker for worker in self.workers if worker.is_alive]


def look(inspect: Inspect) -> State:
    """How it is now."""
    return State(
        queue(),
        presence.workers(),
        provider_health(),
        broken_pins(),
        inspect(),
        sealing.unsealed_seconds(),
    )
