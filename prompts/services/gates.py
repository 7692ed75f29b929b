"""What may object to an activation, in its transaction: checks that other apps bring along (ACTIVATION_GATES)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from prompts.models import PromptVersion


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a version should not be activated, in words, and in `details` for the audit log: plain JSON."""

    message: str | Promise
    details: dict[str, Any] = field(default_factory=dict)


Gate = Callable[[PromptVersion], Objection | None]


def objections(version: PromptVersion) -> list[Objection]:
    """What the gates have against `version`. Call it under the lock of its type's row, which changes of gates take."""
    gates: list[Gate] = [import_string(path) for path in settings.ACTIVATION_GATES]
    return [objection for gate in gates if (objection := gate(version))]
