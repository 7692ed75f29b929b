"""Batches for tests, and workers that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from documents.models import Batch, BatchItem, Document
from documents.services import batches, driving
from documents.tests.factories import make_document
from prompts.models import PromptRequest
from prompts.services import execution, recording
from prompts.services.execution import Claim, Result
from prompts.tests.factories import completed, failed, make_user, make_version

Answer = Callable[[Claim], Result]


def make_batch(documents: int | Sequence[Document] = 3, user: Any = None, **given: Any) -> Batch:
    """A running batch over as many documents that are read, or over these, of type `text` unless another is named."""
    user = user or make_user()
    if isinstance(documents, int):
        documents = [make_document(user, text=f"Text {number}") for number in range(1, documents + 1)]
    return batches.create_batch(user=user, **({"prompt_type": "text", "documents": documents} | given))


def drive_all(most: int = 100) -> None:
    """Pass after pass, until one finds nothing more to do at once."""
    for _ in range(most):
        if not driving.step():
            return
    raise AssertionError("There is always more to do.")


def answers(text: str = "", /, **fields: Any) -> Answer:
    """A worker's call that brings this text, or these fields as JSON."""
    return lambda claim: completed(claim, text or json.dumps(fields))


def fails(error_class: str = "auth") -> Answer:
    """A worker's call that fails for good."""
    return lambda claim: failed(claim, error_class)


@transaction.atomic
def make_due() -> None:
    """Within one transaction, as most tests are, nothing is due that was stored in it.

    A row that somebody else holds is left to them: two that wait for each other's rows would be a deadlock.
    """
    pending = PromptRequest.objects.filter(status="pending").select_for_update(skip_locked=True, no_key=True)
    PromptRequest.objects.filter(pk__in=pending.values("pk")).update(
        next_attempt_at=F("created_at") - timedelta(days=1)
    )


def work(answer: Answer, limit: int = 1000) -> int:
    """As a worker: take what is pending and answer it; how many."""
    make_due()
    claims = execution.claim(limit, worker="w1")
    recording.record([answer(claim) for claim in claims])
    return len(claims)


def run(batch: Batch, answer: Answer | None = None) -> Batch:
    """Drive a batch until it ends or pauses, with one answer to all."""
    for _ in range(100):
        drive_all()
        batch.refresh_from_db()
        if batch.state != "running":
            return batch
        work(answer or answers(total="9.00"))
    raise AssertionError("It does not end.")


def answered(batch: Batch, *replies: Answer) -> Batch:
    """Run a batch with these answers, in the order of its documents."""
    position = BatchItem.objects.filter(batch=batch).values_list("position", flat=True)
    return run(batch, lambda claim: replies[position.get(request=claim.request_id) - 1](claim))


def item(batch: Batch, position: int) -> BatchItem:
    """As it is now."""
    return BatchItem.objects.select_related("request").get(batch=batch, position=position)


def requests_of(batch: Batch) -> list[PromptRequest]:
    """In the order of the documents."""
    return list(PromptRequest.objects.filter(batch_item__batch=batch).order_by("batch_item__position"))


def with_fields(*names: str) -> int:
    """The number of a new, inactive version of the type `text` whose schema has these texts."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}
    return make_version("Read {{input}}", field_schema=schema).version_number
