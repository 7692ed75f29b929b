"""Gates for tests, and attempts to activate."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEntry
from documents.models import AccuracyGate, LabelledSet
from documents.services import gate
from prompts.exceptions import GateClosed
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.services.lifecycle import Activation
from prompts.tests.factories import make_user

ACTIVATED = {"prompt_version.activated", "prompt_version.gate_bypassed", "prompt_version.review_and_gate_bypassed"}


def demand(labelled_set: LabelledSet, threshold: str = "0.75", slug: str = "text") -> AccuracyGate:
    """That so much is right on this set before a version is activated."""
    return gate.set_gate(slug, labelled_set=labelled_set, threshold=Decimal(threshold), actor=make_user())


def activate(version: PromptVersion, reason: str = "", actor: Any = None) -> Activation:
    return lifecycle.activate_version(
        version.prompt_type_id, version.version_number, actor=actor or make_user(), bypass_reason=reason
    )


def refused(version: PromptVersion, reason: str = "") -> str:
    """The message with which the activation is refused; nothing has changed then."""
    before = active_number()
    with pytest.raises(GateClosed) as closed:
        activate(version, reason)
    assert active_number() == before
    assert not AuditEntry.objects.filter(target_id=str(version.pk), action__in=ACTIVATED).exists()
    return str(closed.value.message)


def active_number() -> int:
    return PromptVersion.objects.get(prompt_type__slug="text", is_active=True).version_number


def details(action: str) -> dict[str, Any]:
    """Of the only audit entry of that action."""
    found: dict[str, Any] = json.loads(AuditEntry.objects.get(action=action).content)["details"]
    return found
