"""The tests' database, as the oracle asks it."""

from __future__ import annotations

from typing import Any

from django.db import connection


class Database:
    """The tests' own, as an installation that can be asked."""

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
