"""Verifying the log because somebody asked, with the question and its outcome in the log itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from audit import chain, log
from audit.log import Actor
from audit.models import AuditEntry
from audit.services.verification import Verification, verify
from audit.verifier import BROKEN, CONTRADICTED, LATE, WHOLE

ASKED = "audit.verification_asked"
VERIFIED = "audit.verified"
#: Nothing was checked.
FAILED = "failed"
RESULTS = {WHOLE: "whole", BROKEN: "broken", CONTRADICTED: "contradicted", LATE: "late"}
MOST_TOLD = 10
#: By then a worker has done it, or there is none.
FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verification found.

    `result` is one of RESULTS or FAILED; `size` is how many links were checked, `covered` how many of them the last
    signed checkpoint vouches for; `findings` is how many there were, and `told` says what the first of them are.
    """

    entry: UUID
    at: datetime
    actor_label: str
    result: str
    size: int
    covered: int
    findings: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The last verification that somebody asked for and that has ended, and since when another one runs."""

    last: Outcome | None
    running_since: datetime | None


@dataclass(slots=True)
class _Asker:
    """Whoever asked, as the entry of the question tells."""

    pk: Any
    name: str

    def get_username(self) -> str:
        return self.name


@transaction.atomic
def ask(*, actor: Actor | None) -> UUID:
    """Write down that the log is to be verified; `carry_out` does it. Returns the id of the question."""
    return log.append(ASKED, actor=actor).pk


def carry_out(question: UUID) -> None:
    """Verify the log, and write down what was found as the answer to this question; once.

    Takes about 45 s for a million entries. Not inside a transaction.
    """
    asked = AuditEntry.objects.filter(pk=question, action=ASKED).first()
    if asked is None or _is_answered(asked):
        return
    details = _details(verify)
    asker = _Asker(asked.actor_id, asked.actor_label) if asked.actor_id is not None else None
    with transaction.atomic():
        chain.lock(wait=True)
        if not _is_answered(asked):
            log.append(VERIFIED, actor=asker, target=asked, details=details)


def standing(now: datetime) -> Standing:
    """How far the verifications are that somebody asked for."""
    last = AuditEntry.objects.filter(action=VERIFIED).only("at", "actor_label").first()
    asked = AuditEntry.objects.filter(action=ASKED).only("at").first()
    is_running = asked is not None and now - asked.at < FORGOTTEN_AFTER and not _is_answered(asked)
    return Standing(_outcome(last) if last else None, asked.at if asked and is_running else None)


def _is_answered(asked: AuditEntry) -> bool:
    answers = AuditEntry.objects.filter(target_type=asked._meta.label_lower, target_id=str(asked.pk))
    return answers.filter(action=VERIFIED).exists()


def _details(verification: Callable[[], Verification]) -> dict[str, Any]:
    """What the log tells of a verification. An outage of the database stands for nothing, and is raised."""
    try:
        done = verification()
    except (OSError, ValueError, ImproperlyConfigured) as error:
        return {"result": FAILED, "size": 0, "covered": 0, "findings": 1, "told": [str(error)]}
    return {
        "result": RESULTS[done.report.exit_code],
        "size": done.chain.size,
        "covered": done.chain.last.size if done.chain.last else 0,
        "findings": sum(done.report.counts.values()),
        "told": list(done.report.lines())[:MOST_TOLD],
    }


def _outcome(entry: AuditEntry) -> Outcome | None:
    """What the entry tells; None where somebody has made it unreadable, which the next verification reports."""
    try:
        details = json.loads(entry.content)["details"]
        told = tuple(map(str, details.pop("told")))
        return Outcome(entry=entry.pk, at=entry.at, actor_label=entry.actor_label, told=told, **details)
    except (ValueError, KeyError, TypeError):
        return None
