"""People with clients, and a media folder that goes with the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prompts.tests.people import admin, as_admin, as_editor, as_owner, as_stranger, owner, stranger

__all__ = ["admin", "as_admin", "as_editor", "as_owner", "as_stranger", "owner", "stranger"]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Pages name their style sheets as they are, for no test gathers them."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
