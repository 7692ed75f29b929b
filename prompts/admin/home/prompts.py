"""The way from the home page to the workbenches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _

from prompts.admin import version_display
from prompts.admin.home import words
from prompts.models import PromptType

#: The list of types has the others.
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class PromptLink:
    """A type that takes requests, and which version they use."""

    label: str
    state: str
    href: str


def prompt_links() -> list[PromptLink]:
    """The types whose version was changed last, and then the others."""
    active = FilteredRelation("versions", condition=Q(versions__is_active=True))
    kinds = PromptType.objects.filter(is_active=True).alias(active=active)
    kinds = kinds.annotate(number=F("active__version_number"), since=F("active__activated_at"))
    newest = kinds.order_by(F("since").desc(nulls_last=True), "label")[:MOST_SHOWN]
    return [PromptLink(kind.label, _state(kind), version_display.workbench_address(kind)) for kind in newest]


def _state(kind: Any) -> str:
    if kind.number is None:
        return _("No version is active")
    return _("%(version)s, active since %(when)s") % {
        "version": version_display.numbered(kind.number),
        "when": words.moment(kind.since),
    }
