"""Batches: many documents through one pinned version. Each function is one transaction and one audit row.

The lock on the batch's row puts these and the driver (documents/services/driving.py) in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from documents import announcing
from documents.models import Batch, BatchItem, Document, LabelledSet
from documents.models.batch import BatchState
from documents.services.pinning import Pinned, pin
from documents.services.steering import (
    REOPENED,
    cancel,
    change,
    check_extensible,
    locked,
    may_be_retried,
    not_found,
    pause,
    resume,
    retry_failed,
)
from prompts.exceptions import InvalidInput
from prompts.services.inputs import is_storable

__all__ = ["add_documents", "cancel", "create_batch", "may_be_retried", "pause", "rerun", "resume", "retry_failed"]

CREATED = "batch.created"
EXTENDED = "batch.extended"
MAX_PURPOSE_LENGTH = 500
MAX_SOURCE_LENGTH = 500


@transaction.atomic
def create_batch(
    *,
    user: Actor,
    prompt_type: str,
    documents: Iterable[Document],
    version_number: int | None = None,
    model: str = "",
    purpose: str = "",
    source: str = "",
    labelled_set: LabelledSet | None = None,
    rerun_of: Batch | None = None,
) -> Batch:
    """Start a batch over these documents, each once, in their order. Who may use them is the caller's to check.

    The version is the active one unless a number is given; it, the model and the placeholder stay as they are now.
    Raises NoActiveVersion, and InvalidInput on `documents`, `prompt_type`, `version_number`, `model` or `purpose`.
    """
    chosen = _distinct(documents)
    _check_number(len(chosen))
    _check_text(purpose, "purpose", MAX_PURPOSE_LENGTH)
    _check_text(source, "source", MAX_SOURCE_LENGTH)
    pinned = pin(prompt_type, version_number, model=model, fallback=rerun_of.model if rerun_of else "")
    batch = Batch.objects.create(
        user_id=user.pk,
        prompt_type_id=prompt_type,
        version_id=pinned.version.version_id,
        model=pinned.model,
        placeholder=pinned.placeholder,
        purpose=purpose,
        source=source,
        labelled_set=labelled_set,
        rerun_of=rerun_of,
    )
    _append_items(batch, chosen, after=0)
    log.append(CREATED, actor=user, target=batch, details=_facts(batch, pinned, len(chosen)))
    return Batch.objects.select_related("version").get(pk=batch.pk)


@transaction.atomic
def add_documents(batch_id: UUID, documents: Iterable[Document], *, actor: Actor) -> int:
    """Put further documents at the end; a finished batch goes on. Returns how many were not in it yet.

    Raises NotFound, Conflict for a cancelled batch and for one over a labelled set, InvalidInput on `documents`.
    """
    batch = locked(batch_id)
    check_extensible(batch)
    chosen = _distinct(documents)
    here = set(batch.items.filter(document__in=chosen).values_list("document_id", flat=True))
    chosen = [document for document in chosen if document.pk not in here]
    if not chosen:
        return 0
    last = batch.items.aggregate(last=Max("position"))["last"] or 0
    _check_number(last + len(chosen))
    _append_items(batch, chosen, after=last)
    if batch.state == BatchState.FINISHED:
        change(batch, **REOPENED)
    log.append(EXTENDED, actor=actor, target=batch, details={"documents": len(chosen)})
    return len(chosen)


@transaction.atomic
def rerun(batch_id: UUID, *, actor: Actor, version_number: int | None = None, model: str = "") -> Batch:
    """Start another batch over the same documents, with the active version or that of the number.

    Its model is `model`, or the version's, or the one of the batch before. Raises what `create_batch` raises, and
    NotFound.
    """
    before = Batch.objects.filter(pk=batch_id).first()
    if before is None:
        raise not_found(batch_id)
    items = before.items.order_by("position").select_related("document")
    return create_batch(
        user=actor,
        prompt_type=before.prompt_type_id,
        documents=[item.document for item in items],
        version_number=version_number,
        model=model,
        purpose=before.purpose,
        labelled_set=before.labelled_set,
        rerun_of=before,
    )


def _distinct(documents: Iterable[Document]) -> list[Document]:
    return list({document.pk: document for document in documents}.values())


def _check_number(number: int) -> None:
    if not number:
        raise InvalidInput.on("documents", _("A batch needs at least one document."))
    if number > settings.BATCH_MAX_DOCUMENTS:
        text = _("A batch holds at most %(limit)d documents.") % {"limit": settings.BATCH_MAX_DOCUMENTS}
        raise InvalidInput.on("documents", text)


def _check_text(text: str, field: str, longest: int) -> None:
    if len(text) > longest or not is_storable(text):
        raise InvalidInput.on(field, _("This must be a text of at most %(limit)d characters.") % {"limit": longest})


def _append_items(batch: Batch, documents: Sequence[Document], *, after: int) -> None:
    rows = (BatchItem(batch=batch, position=number, document=each) for number, each in enumerate(documents, after + 1))
    BatchItem.objects.bulk_create(rows, batch_size=1000)
    transaction.on_commit(announcing.announce, robust=True)


def _facts(batch: Batch, pinned: Pinned, documents: int) -> dict[str, Any]:
    """What the audit entry tells of the start."""
    return {
        "prompt_type": batch.prompt_type_id,
        "version_number": pinned.version.version_number,
        "model": pinned.model,
        "documents": documents,
        "labelled_set": str(batch.labelled_set or ""),
        "rerun_of": str(batch.rerun_of_id or ""),
    }
