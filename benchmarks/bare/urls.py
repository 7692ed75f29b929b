"""Three views: no database, one SELECT by primary key, one INSERT with its COMMIT."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

#: Where these views and pgbench write and read; filled with so many rows.
ROWS = 1000
TABLE = f"""
    CREATE TABLE IF NOT EXISTS floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL);
    INSERT INTO floor (content) SELECT repeat('x', 400) FROM generate_series(1, {ROWS})
"""
SELECT = "SELECT id, content FROM floor WHERE id = 500"
INSERT = "INSERT INTO floor (content) VALUES (repeat('x', 400)) RETURNING id"


def plain(request: HttpRequest) -> JsonResponse:
    return _answer({"ok": True})


def select(request: HttpRequest) -> JsonResponse:
    return _answer({"row": _row(SELECT)})


def insert(request: HttpRequest) -> JsonResponse:
    return _answer({"row": _row(INSERT)})


def _answer(content: dict[str, Any]) -> JsonResponse:
    """With its length, so that the server need not send it in chunks."""
    answer = JsonResponse(content)
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def _row(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


urlpatterns = [path("json", plain), path("select", select), path("insert", insert)]
