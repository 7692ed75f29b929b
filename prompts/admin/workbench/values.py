"""What takes the place of the placeholders in a test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.forms import BoundField
from django.http import HttpRequest

from prompts import rendering
from prompts.admin.search import identified_by
from prompts.admin.version_forms import TrialForm
from prompts.models import PromptType
from prompts.rendering import TemplateError
from prompts.services import drafting

PREFIX = f"{TrialForm.prefix}-"
#: Before the name of a placeholder: from which document its text comes.
DOCUMENT_PREFIX = "document-"


class ValuesForm(TrialForm):
    """A value for each placeholder. The inputs stay as they are, with what is in them, when others come or go."""

    def __init__(self, names: Sequence[str], data: Any = None, *, keep: bool = True) -> None:
        super().__init__(names, data)
        for name in names:
            attributes = self.fields[name].widget.attrs
            attributes["rows"] = 6
            # Typed or read from a file, it may be long; the browser need not check it.
            attributes["spellcheck"] = "false"
            if keep:
                attributes["hx-preserve"] = "true"

    @property
    def inputs(self) -> list[tuple[str, BoundField]]:
        """Each placeholder with its input."""
        return [(name, self[name]) for name in self.fields]


def names_in(templates: Iterable[str]) -> list[str]:
    """The placeholders of all templates, each once. Raises TemplateError."""
    return list(dict.fromkeys(name for template in templates for name in rendering.placeholders(template)))


def readable(template: str) -> str:
    """The template, or nothing of one whose braces hold no placeholder."""
    try:
        list(rendering.parse(template))
    except TemplateError:
        return ""
    return template


def for_a_file(kind: PromptType, names: Sequence[str]) -> str:
    """Which placeholder a document most likely fills; empty without any."""
    required = [name for name in kind.required_placeholders if name in names]
    return next(iter([*required, *names]), "")


def last_used(request: HttpRequest, kind: PromptType) -> dict[str, str]:
    """What the reader tried last with this type, as it would be typed in."""
    last = drafting.last_tried(kind.slug, request.user)
    variables = last.variables if last else None
    return {f"{PREFIX}{name}": str(value) for name, value in (variables or {}).items()}


def documents(request: HttpRequest, names: Iterable[str]) -> dict[str, Any]:
    """For the metadata of a test: the document that its text comes from, or which one fills which placeholder."""
    found: dict[str, UUID | None] = {
        name: identified_by(request.POST.get(f"{DOCUMENT_PREFIX}{name}", "")) for name in names
    }
    ids = {name: str(identifier) for name, identifier in found.items() if identifier}
    if len(ids) > 1:
        return {"document_ids": ids}
    return {"document_id": next(iter(ids.values()))} if ids else {}
