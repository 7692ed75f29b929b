"""When versions were activated, out of the audit log: it has them all, a version's row only its last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.models import AuditEntry
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.services.figures.windows import Window

#: The newest are shown; each would be a line in the picture.
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Activation:
    """That a version became the active one. `version` is its key, `name` what it was called then."""

    at: datetime
    version: int
    name: str
    actor: str


def activations(window: Window) -> list[Activation]:
    """The newest activations of the window, oldest first."""
    entries = AuditEntry.objects.filter(action__in=lifecycle.ACTIVATIONS, at__gte=window.since, target_type=_TYPE)
    newest = entries.only("at", "target_id", "target_label", "actor_label").order_by("-at")[:MOST_SHOWN]
    return [
        Activation(entry.at, int(entry.target_id), entry.target_label, entry.actor_label) for entry in reversed(newest)
    ]


_TYPE = PromptVersion._meta.label_lower
