"""Prompt types and versions from a file, all of it or nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from prompts import transfer_format
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptType
from prompts.services.importing_versions import Choices, Imported, Run, import_versions
from prompts.services.types import change_type, create_type

IMPORTED = "prompts.imported"


@transaction.atomic
def import_prompts(data: bytes, *, actor: Actor, choices: Choices | None = None, dry_run: bool = False) -> Imported:
    """Store what of a file is not here yet, versions under their numbers.

    A version is checked as a new one is. The file's active version becomes active where the type has none, and
    whoever imports counts as the author where a type requires review. `dry_run` does all of it and takes it back.
    Raises InvalidInput on `file` that names the problems.
    """
    run = Run(actor, choices or Choices(), Imported())
    types = sorted(transfer_format.load(data), key=lambda item: str(item["slug"]))
    slugs = [item["slug"] for item in types]
    _check_once(slugs)
    # All at once and in order, as recording locks them too: so no two wait for each other.
    rows = PromptType.objects.select_for_update(no_key=True).filter(slug__in=slugs).order_by("slug")
    here = {kind.slug: kind for kind in rows}
    problems = [problem for item in types for problem in _import_type(item, here.get(item["slug"]), run)]
    if problems:
        named = problems[: transfer_format.MOST_NAMED]
        raise InvalidInput(" ".join(named), errors={transfer_format.FIELD: named})
    log.append(IMPORTED, actor=actor, details=_facts(data, run.done))
    if dry_run:
        transaction.set_rollback(True)
    return run.done


def _facts(data: bytes, done: Imported) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "types_created": done.types_created,
        "types_changed": done.types_changed,
        "versions_created": done.versions_created,
        "activated": done.activated,
    }


def _check_once(names: list[Any]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput.on(transfer_format.FIELD, _("“%(name)s” appears twice.") % {"name": twice})


def _import_type(item: dict[str, Any], kind: PromptType | None, run: Run) -> list[str]:
    """The problems, each as a sentence that begins with its place."""
    slug, wanted = item["slug"], sorted(item.get("versions", []), key=lambda version: int(version["number"]))
    try:
        _check_once([version["number"] for version in wanted])
        kind = _settled(item, kind, run)
        _raise_counter(kind, max([item.get("version_counter", 0), *(version["number"] for version in wanted)]))
    except DomainError as error:
        return [f"{slug}: {error.message}"]
    return import_versions(kind, wanted, run)


def _settled(item: dict[str, Any], kind: PromptType | None, run: Run) -> PromptType:
    """The type as it is used from now on."""
    settings = {name: item[name] for name in transfer_format.SETTINGS if name in item}
    if kind is None:
        run.done.types_created += 1
        return create_type(**{"slug": item["slug"], "label": item["slug"]} | settings, actor=run.actor)
    differing = [name for name, value in settings.items() if getattr(kind, name) != value]
    if run.choices.settings and differing:
        run.done.types_changed.append(f"{kind.slug} ({', '.join(differing)})")
        return change_type(kind.slug, actor=run.actor, **settings)
    if differing:
        run.done.remarks.append(
            _("%(slug)s is here already and keeps its own settings: %(names)s.")
            % {"slug": kind.slug, "names": ", ".join(differing)}
        )
    return kind


def _raise_counter(kind: PromptType, number: int) -> None:
    """Numbers that were given elsewhere are not given here either."""
    if number > kind.version_counter:
        PromptType.objects.filter(pk=kind.pk).update(version_counter=number)
