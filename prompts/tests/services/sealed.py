"""Answered requests for the tests of seals and proofs, and what only the database's owner can do to them."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from prompts.models import PromptRequest
from prompts.services import execution, recording, submission
from prompts.tests.factories import completed, make_user, make_version


def answered(number: int = 1) -> list[PromptRequest]:
    """Requests of one version, each with an answer, recorded in one batch: so of the same time."""
    version, user = make_version("Say {{input}}.", model="simulator/default"), make_user()
    requests = [
        submission.submit(
            user=user,
            prompt_type="text",
            variables={"input": str(place)},
            version_number=version.version_number,
            parameters={"temperature": 0.5},
        )
        for place in range(number)
    ]
    while claims := execution.claim(1000, worker="w1"):
        recording.record([completed(claim, f"The answer to {claim.request_id}.") for claim in claims])
    return requests


def as_owner(statement: str, values: Any = ()) -> None:
    """Run a statement past all triggers, as whoever owns the database can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values or None)
        assert cursor.rowcount > 0
