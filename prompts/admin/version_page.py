"""What the page of one version shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from prompts import answers
from prompts.admin import display, version_display
from prompts.models import PromptVersion
from prompts.services import lifecycle

MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a version's history; `reason` is given where a review was bypassed."""

    what: str
    who: str
    when: SafeString | None
    reason: str


def page_context(version: PromptVersion, *, with_history: bool) -> dict[str, Any]:
    """Everything that the template needs beside the version."""
    active = active_version(version.prompt_type_id)
    return {
        "version": version,
        "state": version_display.state(version),
        "active": active,
        "active_link": version_display.link(active) if active else None,
        "template": version_display.template(version.template),
        "facts": facts(version),
        "parameters": display.pretty_json(version.parameters),
        "field_schema": display.pretty_json(version.field_schema),
        "last_test": last_test(version),
        "uses": version_display.uses(version.requests.all()),
        "requests_address": version_display.requests_address(version),
        "versions_address": version_display.versions_address(version.prompt_type_id),
        "history": history(version) if with_history else [],
    }


def active_version(slug: str) -> PromptVersion | None:
    """The version of a type that is used now, with all that a comparison needs."""
    return PromptVersion.objects.filter(prompt_type__slug=slug, is_active=True).first()


def facts(version: PromptVersion) -> list[tuple[str, SafeString | str | None]]:
    """Label and value of each, None where it hasn't come."""
    deleted = [(_("Deleted"), display.moment(version.deleted_at))] if version.deleted_at else []
    return [
        (_("Author"), version.author),
        (_("Created"), display.moment(version.created_at)),
        (_("Activated"), display.moment(version.activated_at)),
        *deleted,
        (_("SHA-256 of the template"), display.code(version.template_sha256)),
    ]


@dataclass(frozen=True, slots=True)
class LastTest:
    """When a version was tried last, how that ended, and each field of the result with its value."""

    when: SafeString | None
    mark: SafeString
    fields: list[tuple[str, str]]


def last_test(version: PromptVersion) -> LastTest | None:
    """The last test of a version, if there ever was one."""
    result = version.test_result_json
    if version.last_tested_at is None or result is None:
        return None
    return LastTest(
        display.moment(version.last_tested_at),
        version_display.test_mark(failed=answers.is_failure(result)),
        [(name, _shown(result[name])) for name in sorted(result, key=_place_in(version.field_schema))],
    )


def _place_in(schema: dict[str, Any] | None) -> Callable[[str], int]:
    """The order in which a schema requires its fields, which JSON in PostgreSQL loses; the others come last."""
    required = (schema or {}).get("required", [])
    return lambda name: required.index(name) if name in required else len(required)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def history(version: PromptVersion) -> list[Event]:
    """What the audit log tells of a version, newest first."""
    entries = AuditEntry.objects.filter(target_type=version._meta.label_lower, target_id=str(version.pk))
    return [_event(entry) for entry in entries.only("at", "action", "actor_label", "content")[:MOST_EVENTS]]


def _event(entry: AuditEntry) -> Event:
    words = {
        lifecycle.CREATED: _("Version created"),
        lifecycle.ACTIVATED: _("Version activated"),
        lifecycle.DELETED: _("Version deleted"),
        lifecycle.REVIEW_BYPASSED: _("Version activated without a review"),
        lifecycle.GATE_BYPASSED: _("Version activated without the accuracy that its type demands"),
        lifecycle.BOTH_BYPASSED: _("Version activated without a review and without the accuracy that its type demands"),
    }
    reason = str(json.loads(entry.content)["details"].get("reason", ""))
    return Event(words.get(entry.action, entry.action), entry.actor_label, display.moment(entry.at), reason)
