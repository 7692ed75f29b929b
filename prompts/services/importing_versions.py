"""The versions of one type in a file that is imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.models.prompt_version import template_sha256
from prompts.services import lifecycle
from prompts.services.inputs import check_size
from prompts.services.version_rules import check_version

# Columns of a version by their names in the file.
TEXTS = {"template": "template", "model": "model", "note": "manual_note", "author": "author"}
OBJECTS = {"parameters": "parameters", "field_schema": "field_schema", "test_result": "test_result_json"}
TIMES = ("created_at", "activated_at", "last_tested_at")


@dataclass(frozen=True, slots=True)
class Choices:
    """What an import may do beyond adding what is not here yet.

    `activate`: put the file's active version in the place of another one. `settings`: give types that are here
    already the file's settings. `bypass_reason`: why whoever imports also activates where a type requires review.
    """

    activate: bool = False
    settings: bool = False
    bypass_reason: str = ""


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: counts, what was changed and activated, sentences about what it left alone."""

    types_created: int = 0
    types_changed: list[str] = field(default_factory=list)
    versions_created: int = 0
    versions_skipped: int = 0
    activated: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """One import."""

    actor: Actor
    choices: Choices
    done: Imported


def import_versions(kind: PromptType, wanted: list[dict[str, Any]], run: Run) -> list[str]:
    """Store those that are not here yet, then activate. The problems, each as a sentence that begins with its place."""
    rows = PromptVersion.objects.filter(prompt_type=kind).defer("template", "test_result_json")
    here = {version.version_number: version for version in rows}
    problems = []
    for item in wanted:
        try:
            _import_version(kind, item, here.get(item["number"]), run)
        except DomainError as error:
            problems.append(f"{kind.slug} {item['number']}: {error.message}")
    active = [item for item in wanted if item.get("active")]
    try:
        if active and not problems:
            if len(active) > 1:
                raise InvalidInput(_("Another version is active in the file, too."))
            _activate(kind, active[0], is_new=active[0]["number"] not in here, run=run)
    except DomainError as error:
        problems.append(f"{kind.slug} {active[0]['number']}: {error.message}")
    return problems


def _import_version(kind: PromptType, item: dict[str, Any], existing: PromptVersion | None, run: Run) -> None:
    version = _version(kind, item, run.actor)
    if item.get("template_sha256", version.template_sha256) != version.template_sha256:
        raise InvalidInput(
            _("template_sha256 is of another text. Take that line away if the template was changed on purpose.")
        )
    if existing is not None:
        _check_same(existing, version)
        run.done.versions_skipped += 1
        return
    check_version(version, kind)
    check_size(version.test_result_json or {}, field="test_result")
    version.save(force_insert=True)
    log.append(lifecycle.CREATED, actor=run.actor, target=version, details=lifecycle.facts(version) | {"imported": 1})
    run.done.versions_created += 1


def _version(kind: PromptType, item: dict[str, Any], actor: Actor) -> PromptVersion:
    """Whoever imports it brought it in; the author's name is the file's."""
    columns: dict[str, Any] = {"author": actor.get_username()}
    columns |= {column: item[name] for name, column in (TEXTS | OBJECTS).items() if name in item}
    columns |= {name: _moment(item[name]) for name in TIMES if name in item}
    return PromptVersion(
        prompt_type=kind,
        version_number=item["number"],
        template_sha256=template_sha256(item["template"]),
        created_by_id=actor.pk,
        **columns,
    )


def _moment(text: str) -> datetime:
    """In UTC: PostgreSQL refuses some of the offsets that Python takes."""
    try:
        moment = datetime.fromisoformat(text)
        # At the ends of the calendar it could not be shown in every time zone.
        if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR:
            return moment.astimezone(UTC)
    except ValueError:
        pass
    raise InvalidInput(_("“%(text)s” is no time with an offset, such as 2026-01-31T09:30:00+00:00.") % {"text": text})


def _check_same(existing: PromptVersion, version: PromptVersion) -> None:
    if existing.template_sha256 != version.template_sha256:
        raise InvalidInput(_("This number is taken by another text."))
    asked = [(row.model, row.parameters, row.field_schema) for row in (existing, version)]
    if asked[0] != asked[1]:
        raise InvalidInput(_("This number is taken by the same text with another model, parameters or schema."))


def _activate(kind: PromptType, item: dict[str, Any], *, is_new: bool, run: Run) -> None:
    number = item["number"]
    current = PromptVersion.objects.filter(prompt_type=kind, is_active=True).only("version_number").first()
    if current is not None and current.version_number != number and not run.choices.activate:
        run.done.remarks.append(
            _("%(slug)s %(number)d is active in the file; %(current)d stays active here.")
            % {"slug": kind.slug, "number": number, "current": current.version_number}
        )
        return
    activation = lifecycle.activate_version(kind.slug, number, actor=run.actor, bypass_reason=run.choices.bypass_reason)
    if not activation.changed:
        return
    run.done.activated.append(str(activation.version))
    if is_new and current is None and "activated_at" in item:
        PromptVersion.objects.filter(pk=activation.version.pk).update(activated_at=_moment(item["activated_at"]))
