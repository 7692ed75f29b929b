"""Recording: what results of calls make of their requests, for those whose lease is still held."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from prompts import answers, retry
from prompts.models import PromptAttempt
from prompts.models.fields import uuid7
from prompts.models.prompt_attempt import Outcome
from prompts.models.prompt_request import Status
from prompts.services import statistics, testing
from prompts.services.execution import Claim, Result
from prompts.services.statistics import Ended
from prompts.services.testing import SandboxResult
from providers.base import Completion
from providers.text import storable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Transition:
    """What one result makes of its request."""

    result: Result
    status: str
    delay: float | None = None

    @property
    def outcome(self) -> str:
        return Outcome.FAILED if self.result.failure else Outcome.SUCCEEDED

    @property
    def error_class(self) -> str:
        return self.result.failure.error_class if self.result.failure else ""

    @property
    def error_message(self) -> str:
        return storable(self.result.failure.message) if self.result.failure else ""


@transaction.atomic(durable=True)
def record(results: Sequence[Result]) -> list[Claim]:
    """Write results of attempts whose lease is still held: state, response, attempt and counts, all or nothing.

    Returns the claims that were refused because their lease had gone; of those nothing is written but a count.
    """
    transitions = _plan(results)
    held = _move(transitions)
    kept = [item for item in transitions if item.result.claim.lease in held]
    refused = [item.result.claim for item in transitions if item.result.claim.lease not in held]
    _insert_responses(kept)
    _close_attempts(kept)
    testing.keep(_sandbox_results(kept))
    statistics.count([*map(_ended, (item for item in kept if item.status != Status.PENDING)), *map(_refused, refused)])
    for item in kept:
        _tell(item)
    for claim_ in refused:
        logger.warning("Request %s: late result of attempt %d refused.", claim_.request_id, claim_.attempt)
    return refused


def _tell(item: _Transition) -> None:
    """A line in the log for each attempt that failed, with what comes of it."""
    failure = item.result.failure
    if failure is None:
        return
    claim_ = item.result.claim
    then = "no further attempt" if item.delay is None else f"next attempt in {item.delay:.1f} s"
    logger.warning(
        "Request %s: attempt %d to ask %s failed (%s: %s); %s.",
        *(claim_.request_id, claim_.attempt, claim_.model, failure.error_class, item.error_message, then),
    )


def _plan(results: Iterable[Result]) -> list[_Transition]:
    results = list(results)
    failures = _earlier_failures([result for result in results if result.failure])
    return [_transition(result, failures) for result in results]


def _earlier_failures(results: Sequence[Result]) -> dict[tuple[UUID, str], int]:
    """How often each request has failed with each class so far."""
    if not results:
        return {}
    rows = (
        PromptAttempt.objects.filter(request__in=[result.claim.request_id for result in results])
        .values_list("request_id", "error_class")
        .order_by()
        .annotate(Count("id"))
    )
    return {(request_id, error_class): number for request_id, error_class, number in rows}


def _transition(result: Result, failures: dict[tuple[UUID, str], int]) -> _Transition:
    if result.failure is None:
        return _Transition(result, Status.COMPLETED)
    wait = retry.delay(
        result.failure.error_class,
        failures_of_class=failures.get((result.claim.request_id, result.failure.error_class), 0) + 1,
        attempt=result.claim.attempt - failures.get((result.claim.request_id, retry.GIVEN_BACK), 0),
        max_attempts=settings.REQUEST_MAX_ATTEMPTS,
        retry_after=result.failure.retry_after,
    )
    if wait is None:
        return _Transition(result, Status.FAILED)
    return _Transition(result, Status.PENDING, delay=wait)


_MOVE = """
    WITH results AS (
        SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::float8[], %s::text[], %s::text[])
            AS result(id, token, status, delay, error_class, error_message)
    ), held AS (
        SELECT r.id, result.token, result.status, result.delay, result.error_class, result.error_message
        FROM prompt_requests AS r JOIN results AS result ON r.id = result.id
        WHERE r.lease_token = result.token AND r.status = 'generating'
        ORDER BY r.id FOR NO KEY UPDATE OF r
    )
    UPDATE prompt_requests AS r SET
        status = held.status,
        next_attempt_at = CASE WHEN held.delay IS NULL THEN r.next_attempt_at
                               ELSE now() + make_interval(secs => held.delay) END,
        lease_token = r.lease_token + 1,
        lease_expires_at = NULL,
        leased_by = '',
        error_class = held.error_class,
        error_message = held.error_message,
        finished_at = CASE WHEN held.delay IS NULL THEN now() END
    FROM held WHERE r.id = held.id
    RETURNING r.id, held.token
"""


def _move(transitions: Sequence[_Transition]) -> set[tuple[UUID, int]]:
    """Move the requests whose lease is still held; those leases. One batch may hold two of the same request."""
    columns: list[Any] = [
        [item.result.claim.request_id for item in transitions],
        [item.result.claim.token for item in transitions],
        [str(item.status) for item in transitions],
        [item.delay for item in transitions],
        [item.error_class for item in transitions],
        [item.error_message for item in transitions],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, columns)
        return set(cursor.fetchall())


_RESPOND = """
    INSERT INTO prompt_responses
        (id, prompt_id, response_text, duration_ms, provider, model, finish_reason,
         input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost, provider_request_id)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[],
        %s::int[], %s::int[], %s::int[], %s::int[], %s::numeric[], %s::text[])
"""


def _insert_responses(kept: Iterable[_Transition]) -> None:
    rows = [
        _response(item.result, item.result.completion)
        for item in kept
        if item.result.completion is not None and item.status != Status.PENDING
    ]
    _execute(_RESPOND, rows)


def _response(result: Result, answer: Completion) -> tuple[Any, ...]:
    return (
        uuid7(),
        result.claim.request_id,
        storable(answer.text),
        result.duration_ms,
        result.claim.provider,
        storable(answer.model)[:200],
        str(answer.finish_reason),
        answer.usage.input_tokens,
        answer.usage.cached_tokens,
        answer.usage.output_tokens,
        answer.usage.reasoning_tokens,
        result.cost,
        storable(answer.provider_request_id)[:200],
    )


def _execute(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement that takes its rows as one array a column, unless there are none."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


_CLOSE = """
    UPDATE prompt_attempts AS a SET
        ended_at = now(), outcome = closing.outcome, error_class = closing.error_class,
        error_message = closing.error_message, http_status = closing.http_status,
        provider_request_id = closing.provider_request_id, may_be_billed = closing.may_be_billed
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::bool[]) AS
        closing(request_id, number,
                outcome, error_class, error_message, http_status, provider_request_id, may_be_billed)
    WHERE a.request_id = closing.request_id AND a.number = closing.number
"""


def _close_attempts(kept: Iterable[_Transition]) -> None:
    _execute(_CLOSE, [_closing(item) for item in kept])


def _closing(item: _Transition) -> tuple[Any, ...]:
    result, failure = item.result, item.result.failure
    return (
        result.claim.request_id,
        result.claim.attempt,
        str(item.outcome),
        item.error_class,
        item.error_message,
        failure.http_status if failure else None,
        storable(_provider_request_id(result))[:200],
        item.error_class in retry.MAY_BE_BILLED,
    )


def _provider_request_id(result: Result) -> str:
    source = result.failure or result.completion
    return source.provider_request_id if source else ""


def _sandbox_results(kept: Iterable[_Transition]) -> Iterator[SandboxResult]:
    for item in kept:
        version_id = item.result.claim.tested_version_id
        failure, answer = item.result.failure, item.result.completion
        if version_id is None or item.status == Status.PENDING:
            continue
        if failure is not None:
            yield SandboxResult(version_id, answers.failure(failure.error_class, failure.message))
        elif answer is not None:
            yield SandboxResult(version_id, answers.result_of(answer.text))


def _ended(item: _Transition) -> Ended:
    claim_, answer = item.result.claim, item.result.completion
    return Ended(
        provider=claim_.provider,
        model=claim_.model,
        prompt_type=claim_.prompt_type,
        outcome=item.status,
        error_class=item.error_class,
        duration_ms=item.result.duration_ms,
        input_tokens=answer.usage.input_tokens if answer else None,
        cached_tokens=answer.usage.cached_tokens if answer else None,
        output_tokens=answer.usage.output_tokens if answer else None,
        cost=item.result.cost,
    )


def _refused(claim_: Claim) -> Ended:
    return Ended(claim_.provider, claim_.model, claim_.prompt_type, statistics.REFUSED)
