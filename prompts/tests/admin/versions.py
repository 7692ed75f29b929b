"""What the tests of the pages about versions share."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from prompts.models import PromptVersion
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

LIST = "/admin/prompts/promptversion/"


def address(version: PromptVersion, page: str = "change") -> str:
    return reverse(f"admin:prompts_promptversion_{page}", args=[version.pk])


def shown(page: Client, **query: Any) -> list[PromptVersion]:
    """The versions that the list shows, in its order."""
    return list(page.get(LIST, query).context["cl"].result_list)


def levels(page: Any) -> list[str]:
    """Of the messages on a page."""
    return [message.level_tag for message in page.context["messages"]]


def active_version(slug: str = "text") -> PromptVersion:
    return PromptVersion.objects.get(prompt_type__slug=slug, is_active=True)


def active_number(slug: str = "text") -> int:
    return active_version(slug).version_number


def activated(version: PromptVersion) -> PromptVersion:
    """The version, activated by somebody."""
    return lifecycle.activate_version(version.prompt_type_id, version.version_number, actor=make_user()).version


def deleted(template: str = "Say {{input}} no more.") -> PromptVersion:
    """A version that somebody made and deleted."""
    version = make_version(template)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    version.refresh_from_db()
    return version


def entries(version: PromptVersion) -> list[str]:
    """What the log tells of a version, in order."""
    rows = AuditEntry.objects.filter(target_type="prompts.promptversion", target_id=str(version.pk)).order_by("at")
    return list(rows.values_list("action", flat=True))
