"""People with clients, and who of them was answered the short way."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest
from rest_framework.test import APIClient

from prompts.api import accepting
from prompts.tests.people import admin, as_admin, as_editor, as_owner, as_stranger, owner, stranger
from prompts.tests.personas import client_of, make_viewer

__all__ = ["admin", "as_admin", "as_editor", "as_owner", "as_stranger", "owner", "stranger"]
PROMPTS = "/api/ai/prompts/"


@pytest.fixture
def as_viewer(db: None) -> APIClient:
    return client_of(make_viewer())


@pytest.fixture
def answered_at_once() -> Any:
    """What the short way answered; None for each call that it left to the framework."""
    given: list[Any] = []
    quick = accepting.accept_quickly

    def noting(request: HttpRequest) -> Any:
        answer = quick(request)
        if request.method == "POST":
            given.append(answer)
        return answer

    with patch("config.shortcut.accept_quickly", noting):
        yield given
