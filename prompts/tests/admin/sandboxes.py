"""What the tests of the sandbox of the workbench share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import drafting, submission
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import run_once
from prompts.tests.factories import completed
from providers.base import FinishReason

HTMX = {"HX-Request": "true"}


@pytest.fixture
def editor(db: None) -> Any:
    """Staff that writes versions, and sees no requests but their own."""
    return make_staff("prompts.write_promptversion")


@pytest.fixture
def editor_page(editor: Any) -> Client:
    """Their browser."""
    return signed_in(editor)


def workbench(slug: str = "text") -> str:
    return f"/admin/prompts/prompttype/{PromptType.objects.get(slug=slug).pk}/workbench/"


def tried(user: Any, version: PromptVersion | None = None, **given: Any) -> PromptRequest:
    """A test of a version, or of a draft."""
    shared: dict[str, Any] = {"user": user, "prompt_type": "text", "variables": {"input": "x"}}
    shared |= {"model": "simulator/default"} | given
    if version is None:
        return drafting.try_draft(**shared, template="Say {{input}}.")
    return submission.submit(**shared, version_number=version.version_number, is_sandbox=True)


def answered(user: Any, text: str, version: PromptVersion | None = None, **given: Any) -> PromptRequest:
    """A test with its answer."""
    result = {"finish_reason": given.pop("finish_reason", FinishReason.STOP)}
    return run_once(tried(user, version, **given), completed, text, **result)


def address(test: PromptRequest, action: str = "", **query: str) -> str:
    """Where the column of a test is fetched, or something is done with it."""
    query = {"side": "left"} | query
    return f"{workbench()}answer/{test.pk}/{action}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def comparison(left: PromptRequest, right: PromptRequest) -> str:
    """Where two answers are compared."""
    return f"{workbench()}comparison/?left={left.pk}&right={right.pk}"
