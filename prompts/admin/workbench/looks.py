"""What the templates of the workbench are given."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from prompts import powers, rendering
from prompts.admin import display, version_display
from prompts.admin.differences import differences
from prompts.admin.workbench.access import Bench
from prompts.admin.workbench.checks import Report
from prompts.admin.workbench.editor import MODELS_LIST, DraftForm, known_models
from prompts.models import PromptType, PromptVersion


def of_editor(request: HttpRequest, bench: Bench, form: DraftForm) -> dict[str, Any]:
    """The page around everything, and the form in it."""
    kind, active, loaded = bench.kind, bench.active, bench.loaded
    former = _former(kind) if active else None
    return {
        "title": _("Workbench: %(type)s") % {"type": kind.label},
        "kind": kind,
        "form": form,
        "writes": powers.writes_versions(request.user),
        "manages": powers.manages_all(request.user),
        "active_link": version_display.link(active) if active else None,
        "active_since": display.moment(active.activated_at) if active else None,
        "former": former,
        "former_name": version_display.number(former) if former else "",
        "loaded": loaded,
        "loaded_name": version_display.number(loaded) if loaded else "",
        "loaded_state": version_display.state(loaded) if loaded else "",
        "next_number": kind.version_counter + 1,
        "models_list": MODELS_LIST,
        "known_models": known_models(),
        "name_pattern": rendering.NAME_PATTERN,
    }


def of_report(kind: PromptType, report: Report, loaded: PromptVersion | None) -> dict[str, Any]:
    """What is told of the draft, and where its next state is sent."""
    newer = report.newer
    address = reverse("admin:prompts_prompttype_workbench", args=[kind.pk])
    against = f"&against={loaded.version_number}" if loaded else ""
    return {
        "report": report,
        "newer_name": version_display.number(newer) if newer else "",
        "newer_address": f"{address}?version={newer.version_number}{against}" if newer else "",
    }


def of_difference(bench: Bench, other: PromptVersion | None) -> dict[str, Any]:
    """How the version that is loaded differs from `other`, from the older to the newer; nothing where nobody asked."""
    if other is None or bench.loaded is None:
        return {"is_compared": False}
    old, new = sorted((other, bench.loaded), key=attrgetter("version_number"))
    active = bench.active
    return {
        "is_compared": True,
        "differences": differences(old, new),
        "active_name": version_display.number(old),
        "version_name": version_display.number(new),
        "active_number": active.version_number if active and active.pk not in {old.pk, new.pk} else None,
    }


def _former(kind: PromptType) -> PromptVersion | None:
    """The version that was active before the present one, if it is still there."""
    before = kind.versions.filter(is_active=False, deleted_at=None, activated_at__isnull=False)
    return before.only("id", "version_number", "prompt_type").order_by("-activated_at").first()
