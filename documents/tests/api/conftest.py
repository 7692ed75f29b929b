"""The three personas, each with a client, and a media folder that goes with the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin, make_editor


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Pages name their style sheets as they are, for no test gathers them."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}


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
