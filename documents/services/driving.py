"""Moving batches on: each pass sends what is due, and ends or pauses what has come that far.

Any number of workers may do so at once: a pass holds the lock on its batch's row, and a batch that somebody else holds
is left to them. Item and request are written in one transaction, so a document gets one request, whenever a worker
dies.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from audit import log
from documents.models import Batch, BatchItem, DocumentFile
from documents.models.batch import BatchState, PauseReason
from documents.models.document_file import ReadingState
from documents.services import measuring
from documents.services.outcomes import REFUSED, UNSENT
from documents.services.reading import text_of
from documents.services.steering import PAUSED, change
from prompts.exceptions import DomainError, InvalidInput, TooManyUnfinished
from prompts.models import PromptRequest
from prompts.models.prompt_request import UNFINISHED, Status
from prompts.services import submission

logger = logging.getLogger(__name__)

FINISHED = "batch.finished"
#: Requests a transaction: enough to be quick, few enough that whoever pauses the batch waits for a moment only.
MOST_AT_ONCE = 25
#: What a document's own text is to blame for. All else would be refused of every document.
OF_THE_TEXT = {"prompt_text", "variables"}


def step() -> bool:
    """One pass over the running batches. Returns whether another one would find more to do at once.

    An error in one batch is logged and holds up no other. Raises OperationalError or InterfaceError where the database
    is away.
    """
    more = [batch_id for batch_id in _running() if _guarded(batch_id)]
    return bool(more)


def _running() -> list[UUID]:
    return list(Batch.objects.filter(state=BatchState.RUNNING).order_by("pk").values_list("pk", flat=True))


def _guarded(batch_id: UUID) -> bool:
    try:
        return drive(batch_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Batch %s could not be moved on; trying again.", batch_id)
        return False


@transaction.atomic
def drive(batch_id: UUID) -> bool:
    """One pass over this batch, unless somebody else is at it; whether more could be sent at once."""
    batch = _taken(batch_id)
    if batch is None:
        return False
    _note_unreadable(batch)
    unfinished = PromptRequest.objects.filter(batch_item__batch=batch, status__in=UNFINISHED).count()
    waiting = batch.items.filter(UNSENT)
    if not waiting.exists():
        if not unfinished:
            _finish(batch)
        return False
    if failures := _failures_in_row(batch):
        # A vendor's message may quote what it was sent: it goes when that is erased, what the log holds never does.
        name, message = failures[0].error_class, failures[0].error_message
        _pause(batch, PauseReason.FAILURES, f"{name}: {message}", logged=name)
        return False
    return _fill(batch, settings.BATCH_IN_FLIGHT - unfinished)


def _taken(batch_id: UUID) -> Batch | None:
    """The batch with its row locked, if it runs and nobody else holds it."""
    rows = Batch.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    rows = rows.select_related("user", "version", "labelled_set")
    return rows.filter(pk=batch_id, state=BatchState.RUNNING).first()


def _note_unreadable(batch: Batch) -> None:
    """Documents whose file can't be read have failed; their reason is the file's."""
    reason = DocumentFile.objects.filter(documents=OuterRef("document")).values("error_code")[:1]
    unreadable = batch.items.filter(UNSENT, document__file__state=ReadingState.FAILED)
    unreadable.update(error_code=Subquery(reason), failed_at=Now())


def _finish(batch: Batch) -> None:
    change(batch, state=BatchState.FINISHED, finished_at=Now())
    log.append(FINISHED, actor=None, target=batch)
    if batch.labelled_set is not None:
        measuring.measure(batch)


def _pause(batch: Batch, reason: PauseReason, detail: str, *, logged: str = "") -> None:
    change(batch, state=BatchState.PAUSED, pause_reason=reason, pause_detail=detail)
    log.append(PAUSED, actor=None, target=batch, details={"reason": reason.value, "detail": logged or detail})


def _failures_in_row(batch: Batch) -> list[PromptRequest]:
    """The last requests that ended, newest first, if all failed and they are too many. Unreadable files don't count."""
    ended = PromptRequest.objects.filter(
        batch_item__batch=batch, status__in=(Status.COMPLETED, Status.FAILED), finished_at__gte=batch.resumed_at
    )
    most = settings.BATCH_MAX_FAILURES_IN_ROW
    last = list(ended.order_by("-finished_at", "-pk").only("status", "error_class", "error_message")[:most])
    failed = [request for request in last if request.status == Status.FAILED]
    return failed if len(failed) == most else []


def _fill(batch: Batch, room: int) -> bool:
    """Send as many of the documents whose text is there as there is room for, and say whether more may be ready."""
    ready = batch.items.filter(UNSENT, document__file__state=ReadingState.READ).select_related("document__file")
    items = list(ready.order_by("position")[: max(0, min(room, MOST_AT_ONCE))])
    try:
        for item in items:
            _send(batch, item)
    except TooManyUnfinished:
        return False
    except DomainError as error:
        _pause(batch, PauseReason.REFUSED, str(error.message))
        return False
    return len(items) == MOST_AT_ONCE


def _send(batch: Batch, item: BatchItem) -> None:
    """Submit the request of one document. Raises what `submit` raises, but for what its own text is to blame for."""
    try:
        request = submission.submit(
            user=batch.user,
            prompt_type=batch.prompt_type_id,
            variables={batch.placeholder: text_of(item.document.file)},
            version_number=batch.version.version_number,
            even_deleted=True,
            model=batch.model,
            purpose=batch.purpose,
            metadata={"batch": str(batch.pk), "document": str(item.document_id)},
        )
    except InvalidInput as error:
        if not set(error.errors) <= OF_THE_TEXT:
            raise
        _write(item, error_code=REFUSED, error_message=str(error.message), failed_at=Now())
    else:
        _write(item, request=request)


def _write(item: BatchItem, **values: Any) -> None:
    BatchItem.objects.filter(pk=item.pk).update(**values)
