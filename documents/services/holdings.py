"""What is held of a person, as rows of plain JSON and as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from documents import storage
from documents.models import Batch, Document, DocumentPage, LabelledDocument, LabelledSet
from documents.services.labels import clean_name

_DOCUMENT = ("id", "name", "file__sha256", "file__size", "file__media_type", "file__state", "created_at", "erased_at")
_PAGE = ("file__documents__id", "number", "text", "source", "confidence")
_BATCH = (
    *("id", "prompt_type", "version__version_number", "model", "purpose", "source", "state"),
    *("created_at", "finished_at", "erased_at"),
)
_LABELLED = ("labelled_set__name", "labelled_set__revision", "position", "document", "expected")
PAGE = 200


def tables_of(user: Any) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """The tables by name, each with all rows about this person, read a page at a time."""
    theirs = Document.objects.filter(user=user.pk)
    yield "documents", _rows(theirs.order_by("pk"), _DOCUMENT)
    pages = DocumentPage.objects.filter(file__documents__user=user.pk).order_by("file__documents__id", "number")
    yield "document_pages", _rows(pages, _PAGE)
    yield "document_batches", _rows(Batch.objects.filter(user=user.pk).order_by("pk"), _BATCH)
    sets = LabelledSet.objects.filter(created_by=user.pk).order_by("pk")
    yield "labelled_sets", _rows(sets, ("name", "revision", "content_sha256", "created_at"))
    labelled = LabelledDocument.objects.filter(document__in=theirs).order_by("labelled_set", "position")
    yield "labelled_documents", _rows(labelled, _LABELLED)


def files_of(user: Any) -> Iterator[tuple[str, BinaryIO]]:
    """The contents of their documents, under their ids and names; what is not on disk is left out."""
    rows = Document.objects.filter(user=user.pk, erased_at=None).order_by("pk")
    for document_id, name, sha256 in rows.values_list("pk", "name", "file__sha256").iterator(chunk_size=PAGE):
        try:
            content = storage.path_of(sha256).open("rb")
        except FileNotFoundError:
            continue
        with content:
            yield f"documents/{document_id}-{clean_name(name)}", content


def _rows(rows: Any, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    found: Iterator[dict[str, Any]] = rows.values(*columns).iterator(chunk_size=PAGE)
    return found
