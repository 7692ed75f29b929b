"""A database that has its tables and its owner, made once in a test run and copied for each installation."""

from __future__ import annotations

from pathlib import Path

from config.embedded.processes import exclusive
from config.tests.e2e.installation import Installation


def prepared_database(folder: Path) -> Path:
    """The data of a stopped PostgreSQL in `folder`, made by whichever process asks first."""
    finished, draft = folder / "prepared-database", folder / "draft"
    with exclusive(folder / "prepared-database.lock"):
        if not finished.exists():
            draft.mkdir()
            draft.chmod(0o711)
            with Installation(draft, environment={}) as installation:
                data = installation.paths.postgres_dir
            data.rename(finished)
    return finished
