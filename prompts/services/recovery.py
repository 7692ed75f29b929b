"""Putting requests back whose worker is gone: it died, froze past its lease, or was shut down."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from prompts import answers
from prompts.retry import GIVEN_BACK
from prompts.services import statistics, testing
from prompts.services.execution import Claim
from prompts.services.statistics import Ended
from prompts.services.testing import SandboxResult

logger = logging.getLogger(__name__)

WORKER_LOST = "worker_lost"
LOST_MESSAGE = "Its worker was lost at every attempt."
BATCH = 1000

_RETURN = """
    WITH lost AS (
        SELECT r.id, {again} AS again FROM prompt_requests AS r
        WHERE r.status = 'generating' AND {condition}
        ORDER BY r.id LIMIT %(batch)s
        FOR NO KEY UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE prompt_requests AS r SET
            status = CASE WHEN again THEN 'pending' ELSE 'failed' END,
            finished_at = CASE WHEN again THEN NULL ELSE now() END,
            error_class = CASE WHEN again THEN '' ELSE %(error_class)s END,
            error_message = CASE WHEN again THEN '' ELSE %(error_message)s END,
            next_attempt_at = now(),
            lease_token = lease_token + 1,
            lease_expires_at = NULL,
            leased_by = ''
        FROM lost WHERE r.id = lost.id
        RETURNING r.id, r.attempt_count, r.status, r.model, r.prompt_type,
            CASE WHEN r.is_sandbox THEN r.version_id END AS tested_version_id
    ), closed AS (
        UPDATE prompt_attempts AS a
        SET outcome = 'abandoned', error_class = %(attempt_class)s, ended_at = now(), may_be_billed = true
        FROM moved WHERE a.request_id = moved.id AND a.number = moved.attempt_count AND a.outcome = ''
    )
    SELECT model, prompt_type, tested_version_id, status = 'failed' FROM moved
"""
_RUN_OUT = _RETURN.format(
    condition="r.lease_expires_at < now()",
    again="""r.attempt_count < %(max_attempts)s + (
        SELECT count(*) FROM prompt_attempts AS a WHERE a.request_id = r.id AND a.error_class = %(given_back)s)""",
)
_HELD = _RETURN.format(
    condition="(r.id, r.lease_token) IN (SELECT * FROM unnest(%(ids)s::uuid[], %(tokens)s::bigint[]))",
    # An orderly shutdown is no sign of a request that kills its workers: it never fails one.
    again="true",
)


@transaction.atomic(durable=True)
def sweep() -> int:
    """Return every request whose lease has run out to the queue, or fail it at its last attempt.

    Any number of processes may sweep at the same time. Returns how many requests were moved.
    """
    moved = _return(_RUN_OUT, max_attempts=settings.REQUEST_MAX_ATTEMPTS, given_back=GIVEN_BACK, attempt_class="")
    if moved:
        logger.warning("%d requests were taken back from workers that no longer renewed their lease.", moved)
    return moved


@transaction.atomic(durable=True)
def release(claims: Sequence[Claim]) -> int:
    """Give back claims whose calls a shutdown broke off, to be run at once. Returns how many were held.

    These attempts don't count towards `REQUEST_MAX_ATTEMPTS`.
    """
    ids: list[UUID] = [claim.request_id for claim in claims]
    return _return(_HELD, ids=ids, tokens=[claim.token for claim in claims], attempt_class=GIVEN_BACK)


def _return(statement: str, **values: Any) -> int:
    values |= {"batch": BATCH, "error_class": WORKER_LOST, "error_message": LOST_MESSAGE}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    _finish([(model, prompt_type, tested) for model, prompt_type, tested, has_failed in rows if has_failed])
    return len(rows)


def _finish(failed: Sequence[tuple[str, str, int | None]]) -> None:
    """Count those that get no further attempt, and show it on the versions that they tried out."""
    result = answers.failure(WORKER_LOST, LOST_MESSAGE)
    testing.keep(SandboxResult(tested, result) for _model, _type, tested in failed if tested is not None)
    statistics.count(
        Ended(model.partition("/")[0], model, prompt_type, "failed", WORKER_LOST)
        for model, prompt_type, _tested in failed
    )
