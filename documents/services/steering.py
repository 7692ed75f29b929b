"""Pausing, resuming, cancelling and retrying a batch. Each is one transaction and one audit row.

The lock on the batch's row puts these and the driver (documents/services/driving.py) in a row: what is paused or
cancelled here has sent its last request.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from documents import announcing
from documents.models import Batch, DocumentFile
from documents.models.batch import BatchState, PauseReason
from documents.services import files
from documents.services.outcomes import REFUSED
from prompts.exceptions import Conflict, NotFound
from prompts.models import PromptRequest
from prompts.models.prompt_request import UNFINISHED, Status
from prompts.services import submission

PAUSED = "batch.paused"
RESUMED = "batch.resumed"
CANCELLED = "batch.cancelled"
RETRIED = "batch.retried"
#: Nothing was sent, for a reason that another try may mend.
_UNSENT_FAILURE = Q(error_code__in=[REFUSED, *files.WORTH_ANOTHER_TRY])
#: How a batch looks that goes on.
REOPENED: dict[str, Any] = {
    "state": BatchState.RUNNING,
    "finished_at": None,
    "pause_reason": "",
    "pause_detail": "",
}


@transaction.atomic
def pause(batch_id: UUID, *, actor: Actor) -> Batch:
    """Send nothing more; what was sent goes on. A paused batch stays as it is. Raises NotFound and Conflict."""
    batch = locked(batch_id)
    _refuse_ended(batch)
    if batch.state == BatchState.PAUSED:
        return batch
    log.append(PAUSED, actor=actor, target=batch, details={"reason": PauseReason.BY_HAND.value})
    return change(batch, state=BatchState.PAUSED, pause_reason=PauseReason.BY_HAND)


@transaction.atomic
def resume(batch_id: UUID, *, actor: Actor) -> Batch:
    """Go on sending; failures so far count no more. A running batch stays as it is. Raises NotFound and Conflict."""
    batch = locked(batch_id)
    _refuse_ended(batch)
    if batch.state == BatchState.RUNNING:
        return batch
    log.append(RESUMED, actor=actor, target=batch)
    transaction.on_commit(announcing.announce, robust=True)
    return change(batch, **REOPENED, resumed_at=Now())


@transaction.atomic
def cancel(batch_id: UUID, *, actor: Actor | None) -> Batch:
    """End the batch and its unfinished requests; answers that came stay. A cancelled batch stays as it is.

    Raises NotFound, and Conflict for a finished batch.
    """
    batch = locked(batch_id)
    if batch.state == BatchState.CANCELLED:
        return batch
    _refuse_ended(batch)
    # All locked at first, in the order of whoever records answers, so that no two wait for each other.
    unfinished = PromptRequest.objects.filter(batch_item__batch=batch, status__in=UNFINISHED).order_by("pk")
    ids = [request.pk for request in unfinished.select_for_update(no_key=True, of=("self",)).only("pk")]
    for request_id in ids:
        submission.cancel(request_id)
    log.append(CANCELLED, actor=actor, target=batch, details={"requests": len(ids)})
    ended = {"state": BatchState.CANCELLED, "pause_reason": "", "pause_detail": "", "finished_at": Now()}
    return change(batch, **ended)


@transaction.atomic
def retry_failed(batch_id: UUID, *, actor: Actor) -> int:
    """Ask again about each document that failed, and have the batch go on. Returns how many; 0 changes nothing.

    Files that can't be read whatever is done are left as they are. Raises NotFound, and Conflict for a cancelled
    batch and for one whose accuracy was measured.
    """
    batch = locked(batch_id)
    check_extensible(batch)
    number = _put_back(batch)
    if number:
        change(batch, **REOPENED, resumed_at=Now())
        transaction.on_commit(announcing.announce, robust=True)
        log.append(RETRIED, actor=actor, target=batch, details={"documents": number})
    return number


def may_be_retried(batch: Batch) -> bool:
    """Whether a document failed for what another try may mend, in a batch that gets more to do."""
    if batch.state == BatchState.CANCELLED or (batch.labelled_set_id is not None and batch.finished_at is not None):
        return False
    return batch.items.filter(_UNSENT_FAILURE | Q(request__status=Status.FAILED)).exists()


def locked(batch_id: UUID) -> Batch:
    """The batch, its row locked first, as all do that change a batch. Raises NotFound."""
    batch = Batch.objects.select_for_update(no_key=True).filter(pk=batch_id).first()
    if batch is None:
        raise not_found(batch_id)
    return batch


def not_found(batch_id: UUID) -> NotFound:
    """The refusal for a batch that isn't there."""
    return NotFound(_("There is no batch %(id)s.") % {"id": batch_id})


def _refuse_ended(batch: Batch) -> None:
    if batch.finished_at is not None:
        raise Conflict(_("The batch is already %(state)s.") % {"state": batch.get_state_display().lower()})


def check_extensible(batch: Batch) -> None:
    """Raise Conflict for a batch that gets nothing more to do."""
    if batch.state == BatchState.CANCELLED:
        _refuse_ended(batch)
    if batch.labelled_set_id is not None and batch.state == BatchState.FINISHED:
        raise Conflict(_("The accuracy of this batch was measured. Run it again instead."))


def change(batch: Batch, **values: Any) -> Batch:
    """Write these columns of a locked batch; the batch as it is now."""
    Batch.objects.filter(pk=batch.pk).update(**values)
    batch.refresh_from_db(from_queryset=Batch.objects.select_related("version"))
    return batch


def _put_back(batch: Batch) -> int:
    """Failed documents wait again, those whose file may be read another time among them; how many."""
    unsent = batch.items.filter(_UNSENT_FAILURE)
    # In order: batches may share files.
    for file in DocumentFile.objects.filter(documents__batch_items__in=unsent).order_by("pk").distinct():
        files.try_again(file)
    sent = batch.items.filter(request__status=Status.FAILED)
    asked = sent.update(earlier_requests=Func("earlier_requests", "request_id", function="array_append"), request=None)
    return asked + unsent.update(error_code="", error_message="", failed_at=None)
