"""How PostgreSQL reads what a call asks for: each scan, the blocks that it touches and the rows that it gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction

WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
#: Blocks and rows of a scan by its kind and what it reads.
Scans = dict[str, list[int]]


class Plans:
    """Counts statements and has reads explained; a wrapper of Django's `execute`.

    `scans` are of all statements together, `blocks` their sum.
    """

    def __init__(self, *, explained: bool) -> None:
        self.explained = explained
        self.statements = 0
        self.blocks = 0
        self.scans: Scans = {}
        self._is_explaining = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._is_explaining:
            return execute(sql, params, many, context)
        self.statements += 1
        if self.explained and not many and sql.split(maxsplit=1)[0].upper() in {"SELECT", "WITH"}:
            with self._explaining():
                self._explain(sql, params)
        return execute(sql, params, many, context)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        self._is_explaining = True
        try:
            yield
        finally:
            self._is_explaining = False

    def _explain(self, sql: str, params: Any) -> None:
        """What writes is planned only; what PostgreSQL refuses to explain is left out."""
        options = "FORMAT JSON" if WRITES.search(sql) else "ANALYZE, BUFFERS, FORMAT JSON"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ({options}) {sql}", params)
                ((answer,),) = cursor.fetchall()
        except DatabaseError:
            return
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        self.blocks += _touched(plan)
        for name, blocks, rows in scans(plan):
            known = self.scans.setdefault(name, [0, 0])
            self.scans[name] = [known[0] + blocks, known[1] + rows]


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Each table or index that is read: how, by so many blocks of its own, for so many rows (or thought to be)."""
    parts = plan.get("Plans", ())
    if "Relation Name" in plan or "Index Name" in plan:
        what = plan.get("Index Name") or plan["Relation Name"]
        # A node's blocks are those of what is below it, too.
        own = max(_touched(plan) - sum(map(_touched, parts)), 0)
        yield f"{plan['Node Type']} {what}", own, _rows(plan)
    for part in parts:
        yield from scans(part)


def _touched(plan: dict[str, Any]) -> int:
    return int(plan.get("Shared Hit Blocks", 0)) + int(plan.get("Shared Read Blocks", 0))


def _rows(plan: dict[str, Any]) -> int:
    """Of all its loops. What a filter or a recheck threw away was read as well."""
    thrown = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return int((plan.get("Actual Rows", plan["Plan Rows"]) + thrown) * plan.get("Actual Loops", 1))
