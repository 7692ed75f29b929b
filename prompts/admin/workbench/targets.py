"""What is tried out: a saved version, or the draft in the editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from prompts.admin import version_display
from prompts.admin.workbench.access import find_version
from prompts.admin.workbench.editor import LOADED, DraftForm
from prompts.admin.workbench.values import names_in, readable
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import drafting, submission

DRAFT = "draft"
SIDES = ("left", "right")
#: In the choice of versions; older ones can be loaded into the editor.
MOST_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class Target:
    """A version, or a draft where there is none."""

    kind: PromptType
    version: PromptVersion | None = None
    draft: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """With its placeholders."""
        return self.version.template if self.version else str(self.draft["template"])

    def send(self, request: HttpRequest, values: dict[str, str], metadata: dict[str, Any]) -> PromptRequest:
        """Try it with those of `values` that it has placeholders for. Raises what the services raise."""
        names = names_in([readable(self.template)])
        given = {name: value for name, value in values.items() if name in names}
        sent: dict[str, Any] = {"user": request.user, "prompt_type": self.kind.slug, "variables": given}
        if self.version is None:
            return drafting.try_draft(**sent, **self.draft, metadata=metadata)
        number = self.version.version_number
        return submission.submit(**sent, version_number=number, metadata=metadata, is_sandbox=True)


def choices(kind: PromptType, *chosen: PromptVersion | None) -> list[tuple[str, str]]:
    """What can be tried, newest first, with those that are `chosen` already or active."""
    versions = PromptVersion.objects.filter(prompt_type=kind, deleted_at=None).only("version_number", "is_active")
    shown = list(versions.order_by("-version_number")[:MOST_VERSIONS])
    known = {version.pk for version in shown}
    others = [version for version in (versions.filter(is_active=True).first(), *chosen) if version is not None]
    shown += {version.pk: version for version in others if version.pk not in known and not version.deleted_at}.values()
    return [(DRAFT, _("This draft")), *((str(version.version_number), _name(version)) for version in shown)]


def chosen(request: HttpRequest, kind: PromptType) -> list[Target]:
    """What the form names on the left and, if anything, on the right. Raises InvalidInput."""
    named = [request.POST.get(side, DRAFT if side == SIDES[0] else "") for side in SIDES]
    return [_target(request, kind, name) for name in named if name]


def template_of(request: HttpRequest, kind: PromptType, side: str) -> str:
    """The template on that side, however far it is typed; empty where there is none."""
    name = request.POST.get(side, "")
    if name == DRAFT:
        return request.POST.get("template", "").replace("\r\n", "\n")
    version = _version(kind, name)
    return version.template if version else ""


def _target(request: HttpRequest, kind: PromptType, name: str) -> Target:
    if name == DRAFT:
        return _unchanged(request, kind, draft := _draft(request)) or Target(kind, draft=draft)
    version = _version(kind, name)
    if version is None:
        raise InvalidInput.on("version_number", _("This version is not there any more."))
    return Target(kind, version)


def _draft(request: HttpRequest) -> dict[str, Any]:
    """The draft in the editor. Raises InvalidInput for what is no JSON, for example."""
    form = DraftForm(request.POST)
    if form.is_valid():
        return {name: form.cleaned_data[name] for name in LOADED}
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    raise InvalidInput(_("The draft can't be tried yet."), errors=errors)


def _unchanged(request: HttpRequest, kind: PromptType, draft: dict[str, Any]) -> Target | None:
    """The version that the draft began with, if nothing was changed: its test is a test of that version."""
    version = _version(kind, request.POST.get("version", ""))
    if version is None or any((getattr(version, part) or None) != (draft[part] or None) for part in LOADED):
        return None
    return Target(kind, version)


def _version(kind: PromptType, number: str) -> PromptVersion | None:
    version = find_version(kind, number)
    return version if version and not version.deleted_at else None


def _name(version: PromptVersion) -> str:
    name = version_display.number(version)
    return _("%(version)s (active)") % {"version": name} if version.is_active else name
