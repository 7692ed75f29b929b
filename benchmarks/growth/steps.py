"""The steps of worker, scheduler and commands that could grow with the requests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from benchmarks.growth.probing import Probe
from benchmarks.measures.drain import INSERT_DUE

#: Requests that a worker claims at a time here.
BATCH = 100
#: The memory must be the same for both.
EXPORTED = (1_000, 5_000)
EXPIRE = """
    UPDATE prompt_requests SET lease_expires_at = now() - interval '1 second'
    WHERE status = 'generating' AND lease_expires_at > now()
"""
# What was only made to be claimed has to be out of the way of everything else.
PUT_AWAY = """
    UPDATE prompt_requests SET status = 'cancelled', finished_at = now(), lease_expires_at = NULL, leased_by = ''
    WHERE status IN ('pending', 'generating')
"""


def steps() -> Iterator[Probe]:
    """In an order: what is claimed is kept, then swept."""
    from prompts.services import execution, recovery, sealing, statistics

    _sql(PUT_AWAY)
    _due()
    claimed = [execution.claim(BATCH, worker="growth")]
    yield Probe("worker: claim 100", lambda: claimed.append(execution.claim(BATCH, worker="growth")), before=_due)
    yield Probe("worker: heartbeat of 100", lambda: execution.heartbeat(claimed[-1]))
    yield Probe("worker: sweep, nothing to do", recovery.sweep)
    yield Probe("worker: sweep 100", recovery.sweep, before=_lost)
    _sql(PUT_AWAY)
    yield Probe("scheduler: seal answers", sealing.seal_answers)
    yield Probe("scheduler: look for late answers", sealing.seal_late_answers)
    yield Probe("scheduler: fold statistics", statistics.fold)
    yield from _commands()


def _commands() -> Iterator[Probe]:
    from audit.services import sealing as audit_sealing
    from prompts.models import PromptResponse
    from prompts.services import proving

    audit_sealing.seal_and_checkpoint()
    newest = PromptResponse.objects.order_by("-created_at")[0]
    yield Probe("proof of a new request", lambda: proving.prove(newest.prompt_id))
    for number in EXPORTED:
        yield Probe(f"export of {number:,} requests", partial(_export, number), weighed=True)
    words = partial(_export, EXPORTED[0], "warranty")
    yield Probe(f"export of {EXPORTED[0]:,} requests, searched", words, explained=False, weighed=True)


def _export(number: int, words: str = "") -> None:
    from django.contrib.auth import get_user_model

    from prompts.models import PromptRequest
    from prompts.services import exporting_requests

    actor = get_user_model()._default_manager.get(username="owner")
    lines = exporting_requests.export(PromptRequest.objects.all(), actor=actor, form="jsonl", words=words)
    assert sum(1 for _line in islice(lines, number)) > 0


def _due() -> None:
    """So many that are due, and nothing else."""
    _sql(INSERT_DUE, BATCH)


def _lost() -> None:
    """So many whose worker is gone."""
    from prompts.services import execution

    _sql(PUT_AWAY)
    _due()
    execution.claim(BATCH, worker="growth")
    _sql(EXPIRE)


def _sql(statement: str, *values: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
