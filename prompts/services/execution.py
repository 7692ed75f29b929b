"""Claim and heartbeat: how a worker takes a request and keeps it (docs/decisions/0002-the-row-is-the-queue.md).

A claim gives the worker a lease with a token. Every later write names the token; when the lease has gone to
somebody else in the meantime, the write changes no row and its result is dropped. All clocks are the
database's. Each function here is one transaction, and none is held while a vendor is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction

from providers.base import Completion


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one attempt, until `token` is outdated."""

    request_id: UUID
    token: int
    attempt: int
    model: str
    prompt_type: str
    prompt_text: str
    parameters: dict[str, Any]
    #: How long the call may take, in seconds.
    deadline: float = 600.0
    #: The version that a sandbox request tries out; None for a draft and for an ordinary request.
    tested_version_id: int | None = None
    #: Somebody waits before the page on which its answer grows.
    is_sandbox: bool = False

    @property
    def lease(self) -> tuple[UUID, int]:
        """What a write must still hold."""
        return (self.request_id, self.token)

    @property
    def provider(self) -> str:
        """The alias before the slash."""
        return self.model.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt has no usable answer. `retry_after` is in seconds."""

    error_class: str
    message: str
    retry_after: float | None = None
    http_status: int | None = None
    provider_request_id: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended. A failure may come with the text that a vendor's content filter let through."""

    claim: Claim
    duration_ms: int
    completion: Completion | None = None
    cost: Decimal | None = None
    failure: Failure | None = None


_CLAIM = """
    WITH due AS (
        SELECT id FROM prompt_requests
        WHERE status = 'pending' AND next_attempt_at <= now() AND NOT awaits_text
        ORDER BY next_attempt_at
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE prompt_requests AS r SET
            status = 'generating',
            attempt_count = attempt_count + 1,
            lease_token = lease_token + 1,
            lease_expires_at = now() + make_interval(secs => %(lease)s),
            deadline_at = now() + make_interval(
                secs => %(lease)s + CASE WHEN r.is_sandbox THEN %(sandbox_deadline)s ELSE %(deadline)s END),
            started_at = coalesce(started_at, now()),
            leased_by = %(worker)s
        FROM due WHERE r.id = due.id
        RETURNING r.id, r.lease_token, r.attempt_count, r.model, r.prompt_type, r.prompt_text, r.parameters,
            r.is_sandbox, CASE WHEN r.is_sandbox THEN r.version_id END
    ), attempts AS (
        INSERT INTO prompt_attempts
            (request_id, number, worker, started_at,
             outcome, error_class, error_message, provider_request_id, may_be_billed)
        SELECT id, attempt_count, %(worker)s, now(), '', '', '', '', false FROM claimed
    )
    SELECT * FROM claimed
"""


@transaction.atomic(durable=True)
def claim(limit: int, *, worker: str) -> list[Claim]:
    """Take up to `limit` due requests, oldest first, and write down the attempt that each is about to get."""
    values: dict[str, int | float | str] = {
        "limit": limit,
        "worker": worker,
        "lease": settings.LEASE_SECONDS,
        # A lease later than the call ends itself, for one that hangs all the same.
        "deadline": settings.REQUEST_DEADLINE_SECONDS,
        "sandbox_deadline": settings.SANDBOX_DEADLINE_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return [_claim(row) for row in cursor.fetchall()]


def _claim(row: tuple[Any, ...]) -> Claim:
    request_id, token, attempt, model, prompt_type, prompt_text, parameters, is_sandbox, tested = row
    deadline = settings.SANDBOX_DEADLINE_SECONDS if is_sandbox else settings.REQUEST_DEADLINE_SECONDS
    options = orjson.loads(parameters)
    return Claim(request_id, token, attempt, model, prompt_type, prompt_text, options, deadline, tested, is_sandbox)


_HEARTBEAT = """
    WITH held AS (
        SELECT r.id FROM prompt_requests AS r
        JOIN unnest(%s::uuid[], %s::bigint[]) AS mine(id, token) ON r.id = mine.id AND r.lease_token = mine.token
        WHERE r.status = 'generating' AND r.deadline_at > now()
        ORDER BY r.id FOR NO KEY UPDATE OF r
    )
    UPDATE prompt_requests AS r SET lease_expires_at = now() + make_interval(secs => %s)
    FROM held WHERE r.id = held.id
    RETURNING r.id, r.lease_token
"""


@transaction.atomic(durable=True)
def heartbeat(claims: Sequence[Claim]) -> set[tuple[UUID, int]]:
    """Renew the leases of `claims`. Returns those that are lost: taken away, cancelled or past the deadline."""
    ids = [claim.request_id for claim in claims]
    with connection.cursor() as cursor:
        cursor.execute(_HEARTBEAT, [ids, [claim.token for claim in claims], settings.LEASE_SECONDS])
        return {claim.lease for claim in claims} - set(cursor.fetchall())
