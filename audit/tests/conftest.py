"""A place for keys and checkpoints of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.tests.factories import sealed


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """An empty DATA_DIR: the key is made, and the file begun, by the test."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings.DATA_DIR = folder
    settings.AUDIT_CHECKPOINT_FILE = folder / "audit-checkpoints.jsonl"
    return folder


@pytest.fixture
def log_of_ten(transactional_db: None) -> None:
    """Ten entries in two rounds, each round with a checkpoint of its own."""
    sealed(5)
    sealed(5)
