"""Prompt types and versions as a file, without loss."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from prompts import transfer_format
from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion

EXPORTED = "prompts.exported"


@transaction.atomic
def export_prompts(slugs: Sequence[str] = (), *, actor: Actor | None) -> str:
    """The file with these types, or all, and their versions that are not deleted.

    Raises InvalidInput for a type that there isn't.
    """
    here = PromptType.objects.order_by("slug")
    if missing := sorted(set(slugs) - {kind.slug for kind in here}):
        raise InvalidInput.on("type", _("There is no prompt type “%(slug)s”.") % {"slug": missing[0][:64]})
    kinds = [kind for kind in here if kind.slug in slugs or not slugs]
    # In one statement, so of one moment: no type shows two active versions, or none on the way from one to the next.
    versions = PromptVersion.objects.filter(deleted_at=None, prompt_type__in=[kind.slug for kind in kinds])
    by_type: dict[str, list[dict[str, Any]]] = {kind.slug: [] for kind in kinds}
    for version in versions.order_by("prompt_type", "version_number").iterator(chunk_size=100):
        by_type[version.prompt_type_id].append(_shown_version(version))
    content = transfer_format.dump([_shown_type(kind, by_type[kind.slug]) for kind in kinds])
    details = {"types": [kind.slug for kind in kinds], "sha256": hashlib.sha256(content.encode()).hexdigest()}
    log.append(EXPORTED, actor=actor, details=details)
    return content


def _shown_type(kind: PromptType, versions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "slug": kind.slug,
        **{name: getattr(kind, name) for name in transfer_format.SETTINGS},
        # One that was created since the type was read has its number.
        "version_counter": max([kind.version_counter, *(version["number"] for version in versions)]),
        "versions": versions,
    }


def _shown_version(version: PromptVersion) -> dict[str, Any]:
    """Without what is empty; the author stands there in any case, as an import would else put its own."""
    shown = {
        "number": version.version_number,
        "active": version.is_active or None,
        "author": version.author,
        "created_at": _time(version.created_at),
        "activated_at": _time(version.activated_at),
        "model": version.model or None,
        "parameters": version.parameters or None,
        "field_schema": version.field_schema,
        "note": version.manual_note,
        "last_tested_at": _time(version.last_tested_at),
        "test_result": version.test_result_json,
        "template_sha256": version.template_sha256,
        "template": version.template,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
