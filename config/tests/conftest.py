"""People with passwords and what signing them in takes; a database for installations to begin with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from prompts.tests.factories import make_user

PASSWORD = "a long and quiet river 7"


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hashing that is meant to be slow would only make the tests so."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def prepared() -> Path:
    """The data of a stopped PostgreSQL that has its tables and its owner."""
    from config.tests.e2e.database import prepared_database

    return prepared_database(Path(os.environ["TEST_SERVER_FOLDER"]))


@pytest.fixture
def ann(db: None, quick_passwords: None) -> Any:
    return make_user("ann", password=PASSWORD)


@pytest.fixture
def plain_static_files(settings: Any) -> None:
    """No collected, fingerprinted files: the tests run on the sources."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
