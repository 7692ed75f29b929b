"""What `manage.py migrate` refuses to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

#: The oldest major version that the whole project is tried with (config/tests/machines).
LOWEST_POSTGRESQL = 15


def check_postgresql(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """An error for each of `databases` that is older; asked where Django is told to look at databases."""
    versions = [connections[alias].get_database_version() for alias in databases or ()]
    return [
        checks.Error(
            f"This is PostgreSQL {major}; the lowest version that can be used is {LOWEST_POSTGRESQL}.",
            hint="Set DATABASE_URL to a newer server, or leave it out to have one started.",
            id="system.E001",
        )
        for major, *_rest in versions
        if major < LOWEST_POSTGRESQL
    ]
