"""Erasing documents, and what documents hold of requests and people (docs/decisions/0025-retention.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from documents import storage
from documents.models import Batch, BatchItem, Document, DocumentFile, LabelledDocument, SandboxRun
from documents.models.batch import BatchState
from documents.models.document import ERASED_NAME
from documents.models.document_file import ReadingState
from documents.reading.reasons import ERASED
from documents.services import files, holdings, steering, waiting
from prompts.services.erasing_rooms import Room

UNENDED = (BatchState.RUNNING, BatchState.PAUSED)
IDS_AT_A_TIME = 500
#: No archive is on its way for so long.
UNNAMED_FOR = timedelta(days=1)


class DocumentsRoom(Room):
    """Documents, try-outs of versions on them, batches and labelled sets."""

    def texts_erased(self, request_ids: Sequence[UUID]) -> None:
        SandboxRun.objects.filter(request__in=request_ids).exclude(variables={}).update(variables={})
        _erase_reasons(request_ids)

    def still_needed(self, request_ids: Sequence[UUID]) -> set[UUID]:
        """Those of batches that go on."""
        items = BatchItem.objects.filter(request__in=request_ids, batch__state__in=UNENDED)
        return {request_id for request_id in items.values_list("request", flat=True) if request_id is not None}

    def facts_deleted(self, request_ids: Sequence[UUID]) -> None:
        """Batches lose the documents that were asked about, and their counts those that went."""
        SandboxRun.objects.filter(request__in=request_ids).delete()
        BatchItem.objects.filter(request__in=request_ids).delete()

    def holdings(self, user: Any) -> dict[str, int]:
        theirs = Document.objects.filter(user=user.pk, erased_at=None)
        return {
            "documents": theirs.count(),
            "labelled_documents": LabelledDocument.objects.filter(document__in=theirs).count(),
            "batches": Batch.objects.filter(user=user.pk, erased_at=None).count(),
        }

    def requests_about(self, user: Any) -> Iterator[list[UUID]]:
        """What anybody asked about documents of this person: their text is in it."""
        _wait_for_drivers(user)
        found = Document.objects.filter(user=user.pk).order_by("pk").values_list("pk", flat=True)
        for document in found.iterator(chunk_size=IDS_AT_A_TIME):
            if about := _requests_of(document):
                yield about

    def erase_person(self, user: Any) -> None:
        """Erase their documents and what they wrote of their batches; batches that go on are cancelled."""
        for batch in Batch.objects.filter(user=user.pk, state__in=UNENDED).order_by("pk"):
            steering.cancel(batch.pk, actor=None)
        Batch.objects.filter(user=user.pk, erased_at=None).update(purpose="", source="", erased_at=Now())
        while document := Document.objects.filter(user=user.pk, erased_at=None).order_by("created_at", "pk").first():
            erase(document)
        remove_from_disk()

    def tables_of(self, user: Any) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        return holdings.tables_of(user)

    def files_of(self, user: Any) -> Iterator[tuple[str, BinaryIO]]:
        return holdings.files_of(user)


room = DocumentsRoom()


@transaction.atomic
def erase(document: Document) -> None:
    """Erase a document's name, content, text and labels. A content that others brought too stays theirs.

    The content leaves the disk later, by `remove_from_disk`.
    """
    file = DocumentFile.objects.get(pk=document.file_id)
    # Whoever brings the same content right now has finished, or finds nothing of it and begins anew.
    files.lock(file.sha256)
    file = DocumentFile.objects.select_for_update().get(pk=file.pk)
    if Document.objects.filter(file=file, erased_at=None).exclude(pk=document.pk).exists():
        file = _tombstone(document, file)
    elif file.erased_at is None:
        _erase_file(file)
    Document.objects.filter(pk=document.pk, erased_at=None).update(name=ERASED_NAME, file=file, erased_at=Now())
    LabelledDocument.objects.filter(document=document).exclude(expected={}).update(expected={})


def erase_unnamed() -> int:
    """Erase contents that no document names since a day: those of archives that were refused or broken off; how many.

    Nobody would find them when a person is erased. The oldest go first, so many a call.
    """
    found = _unnamed().order_by("pk").values_list("sha256", flat=True)
    return sum(_erase_unnamed(sha256) for sha256 in list(found[:IDS_AT_A_TIME]))


def _unnamed() -> QuerySet[DocumentFile]:
    named = Exists(Document.objects.filter(file=OuterRef("pk")))
    return DocumentFile.objects.filter(~named, erased_at=None, created_at__lt=Now() - UNNAMED_FOR)


@transaction.atomic
def _erase_unnamed(sha256: str) -> int:
    """Of all readers; none where somebody has brought the same meanwhile."""
    files.lock(sha256)
    held = list(_unnamed().select_for_update(of=("self",)).filter(sha256=sha256).order_by("pk"))
    for file in held:
        _erase_file(file)
    return len(held)


def erase_without_row() -> int:
    """Remove contents whose row has not come for a day: of killed processes, and of transactions that failed; how many.

    Nothing but the note that was made before each leads to them. A content that has a row after all stays.
    """
    return sum(_erase_without_row(note) for note in storage.old_notes()[:IDS_AT_A_TIME])


@transaction.atomic
def _erase_without_row(note: Path) -> bool:
    sha256 = storage.noted(note)
    files.lock(sha256)
    is_nobodys = not DocumentFile.objects.filter(sha256=sha256).exists() and storage.path_of(sha256).exists()
    if is_nobodys:
        storage.remove(sha256)
    note.unlink(missing_ok=True)
    return is_nobodys


def remove_from_disk() -> int:
    """Remove the contents that were erased, also those that a killed process has left; how many."""
    removed = 0
    left = ~Q(left_on_disk="")
    for file_id, sha256 in list(DocumentFile.objects.filter(left).values_list("pk", "left_on_disk")):
        removed += _remove(file_id, sha256)
    return removed


@transaction.atomic
def _remove(file_id: int, sha256: str) -> bool:
    """False where it has to stay: somebody brought the same content, or another reader has read it."""
    files.lock(sha256)
    is_used = DocumentFile.objects.filter(sha256=sha256).exists()
    if not is_used:
        storage.remove(sha256)
    DocumentFile.objects.filter(pk=file_id).update(left_on_disk="")
    return not is_used


def _erase_file(file: DocumentFile) -> None:
    """The row stays, as that of a file that can't be read; who is reading it writes nothing any more."""
    waiting.refuse(file, ERASED)
    file.pages.all().delete()
    DocumentFile.objects.filter(pk=file.pk).update(
        sha256=f"erased-{file.pk}",
        left_on_disk=F("sha256"),
        erased_at=Now(),
        state=ReadingState.FAILED,
        error_code=ERASED,
        lease_token=F("lease_token") + 1,
        lease_expires_at=None,
        read_at=Coalesce(F("read_at"), Now()),
    )


def _tombstone(document: Document, file: DocumentFile) -> DocumentFile:
    """What an erased document points at when its file goes on being somebody else's."""
    return DocumentFile.objects.create(
        sha256=f"erased-{document.pk}",
        size=file.size,
        media_type=file.media_type,
        reader=file.reader,
        state=ReadingState.FAILED,
        error_code=ERASED,
        erased_at=Now(),
        read_at=Now(),
    )


@transaction.atomic
def _wait_for_drivers(user: Any) -> None:
    """A pass over a batch that began before the erasing may still send their text, and is unseen until it ends."""
    going_on = Batch.objects.filter(items__document__user=user.pk, state__in=UNENDED).values("pk")
    list(Batch.objects.select_for_update(no_key=True).filter(pk__in=going_on).order_by("pk").values_list("pk"))


def _erase_reasons(request_ids: Sequence[UUID]) -> None:
    """A batch that is paused repeats the last error. Who holds it resumes or ends it, and forgets that anyhow."""
    repeating = Batch.objects.filter(items__request__in=request_ids).exclude(pause_detail="").values("pk")
    free = Batch.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=repeating)
    Batch.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(pause_detail="")


def _requests_of(document_id: UUID) -> list[UUID]:
    items = BatchItem.objects.filter(document=document_id).values_list("request", "earlier_requests")
    found = {request_id for last, earlier in items for request_id in (last, *earlier) if request_id is not None}
    return [*found, *SandboxRun.objects.filter(document=document_id).values_list("request", flat=True)]
