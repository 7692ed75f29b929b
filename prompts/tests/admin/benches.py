"""What the tests of the workbench share."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from prompts.models import PromptType


def bench(slug: str = "text", part: str = "", *more: Any) -> str:
    """The address of a type's workbench, or of a part of it."""
    kind = PromptType.objects.get(slug=slug)
    return reverse(f"admin:prompts_prompttype_workbench{part}", args=[kind.pk, *more])


def typed(**values: Any) -> dict[str, Any]:
    """What the editor of the type `text` sends after the first version was loaded."""
    return {"version": "1", "seen": "1", "template": "Say {{input}}."} | values
