"""Who looks at what an attacker left, and from where."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from prompts.tests.admin.conftest import signed_in
from prompts.tests.factories import make_user


@pytest.fixture(autouse=True)
def _sources_as_static_files(plain_static_files: None) -> None:
    """Pages can be made without collected files."""


@pytest.fixture
def root(db: None) -> Any:
    """Somebody to whom every page is open."""
    return make_user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def console(root: Any) -> Client:
    """A browser in which `root` has signed in, with the protection that other test clients leave out."""
    return signed_in(root, enforce_csrf_checks=True)
