"""Reads for the API: what a view shows, if its reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from documents.models import Batch, BatchItem, Document
from prompts import powers
from prompts.exceptions import InvalidInput, NotFound

#: The most ids that an error names.
MOST_NAMED = 20
#: A batch shows no more of its version, for example; a template can have 100,000 characters.
SHOWN_OF_OTHERS = ("version__version_number", "user__username", "labelled_set__name", "labelled_set__revision")
SHOWN_OF_BATCH = [field.name for field in Batch._meta.concrete_fields]


def documents() -> QuerySet[Document]:
    """Documents with their files and users."""
    return Document.objects.select_related("file", "user")


def batches() -> QuerySet[Batch]:
    """Batches with what is shown of their users, versions and labelled sets."""
    return Batch.objects.select_related("user", "version", "labelled_set").only(*SHOWN_OF_BATCH, *SHOWN_OF_OTHERS)


def find_document(document_id: UUID, *, reader: Any) -> Document:
    """The document of that id, if `reader` may see it. Raises NotFound, the same for what is somebody else's."""
    found = documents().filter(pk=document_id).first()
    if found is None or not _may_see(found, reader):
        raise NotFound(_("There is no document %(id)s.") % {"id": document_id})
    return found


def find_documents(document_ids: Sequence[UUID], *, reader: Any) -> list[Document]:
    """The documents of those ids, in that order. Raises InvalidInput that names those that `reader` may not see."""
    rows = documents() if powers.manages_all(reader) else documents().filter(user_id=reader.pk)
    found = rows.in_bulk(document_ids)
    if unknown := [pk for pk in document_ids if pk not in found][:MOST_NAMED]:
        problems = [_("There is no document %(id)s.") % {"id": pk} for pk in unknown]
        raise InvalidInput(" ".join(problems), errors={"documents": problems})
    return [found[pk] for pk in document_ids]


def find_batch(batch_id: UUID, *, reader: Any) -> Batch:
    """The batch of that id, if `reader` may see it. Raises NotFound, the same for what is somebody else's."""
    found = batches().filter(pk=batch_id).first()
    if found is None or not _may_see(found, reader):
        raise NotFound(_("There is no batch %(id)s.") % {"id": batch_id})
    return found


def find_item(batch: Batch, position: int) -> BatchItem:
    """The batch's document at that position. Raises NotFound."""
    item = batch.items.select_related("document__file", "document__user").filter(position=position).first()
    if item is None:
        raise NotFound(_("The batch has no document %(position)d.") % {"position": position})
    return item


def _may_see(row: Document | Batch, reader: Any) -> bool:
    return bool(row.user_id == reader.pk or powers.manages_all(reader))
