"""What trying a version out has brought, kept on the version."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """The end of a sandbox request, as its version shows it (prompts/answers.py)."""

    version_id: int
    content: dict[str, Any]


# Types first, then versions, each in order: as all do that change versions, so that no two wait for each other.
_LOCK_TYPES = """
    SELECT 1 FROM prompt_types
    WHERE slug IN (SELECT prompt_type FROM prompt_versions WHERE id = ANY(%s))
    ORDER BY slug FOR SHARE
"""
_KEEP = """
    WITH held AS (
        SELECT v.id, result.content FROM prompt_versions AS v
        JOIN unnest(%s::bigint[], %s::text[]) AS result(id, content) ON v.id = result.id
        ORDER BY v.id FOR NO KEY UPDATE OF v
    )
    UPDATE prompt_versions AS v SET test_result_json = held.content::jsonb, last_tested_at = clock_timestamp()
    FROM held WHERE v.id = held.id
"""


def keep(results: Iterable[SandboxResult]) -> None:
    """Show each result on its version, the last one where a version has several. Nothing happens without any.

    Call it in the transaction that ends the requests. The version is the one that the request was sent with,
    whichever is active by now; a deleted one gets its result too.
    """
    last = {result.version_id: json.dumps(result.content, ensure_ascii=False) for result in results}
    if not last:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_TYPES, [list(last)])
        cursor.execute(_KEEP, [list(last), list(last.values())])
