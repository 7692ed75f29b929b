"""The three personas, each with a client."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest
from rest_framework.test import APIClient

from prompts.api import accepting
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin, make_editor, make_viewer

PROMPTS = "/api/ai/prompts/"


@pytest.fixture
def owner(db: None) -> Any:
    return make_user("owner")


@pytest.fixture
def stranger(db: None) -> Any:
    return make_user("stranger")


@pytest.fixture
def admin(db: None) -> Any:
    return make_admin()


@pytest.fixture
def as_owner(owner: Any) -> APIClient:
    return client_of(owner)


@pytest.fixture
def as_stranger(stranger: Any) -> APIClient:
    return client_of(stranger)


@pytest.fixture
def as_admin(admin: Any) -> APIClient:
    return client_of(admin)


@pytest.fixture
def as_editor(db: None) -> APIClient:
    return client_of(make_editor())


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
