"""Labelled sets: importing them, and running versions over them. Each is one transaction and one audit row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from documents.models import Batch, Document, LabelledDocument, LabelledSet
from documents.services import batches
from documents.services.intake import Upload, take_in
from documents.services.judging import content_sha256
from documents.services.label_files import Label, parse
from documents.services.label_rules import Labelled, check_labelled, check_name, refuse_any
from documents.services.labels import clean_name, clean_path
from documents.services.storing import Refused
from prompts.exceptions import Conflict, NotFound
from prompts.services.inputs import is_storable

IMPORTED = "labelled_set.imported"


@dataclass(frozen=True, slots=True)
class Imported:
    """A set, and the files that could not become part of it."""

    labelled_set: LabelledSet
    refused: list[Refused]


def import_files(
    *, actor: Actor, name: str, labels: bytes, files: Iterable[Upload] = (), archive: BinaryIO | None = None
) -> Imported:
    """Take files in, alone and from a ZIP archive, and make a set of those that `labels` name (label_files.parse).

    Each file is a transaction of its own; none is taken in where name or labels can't be used. Raises what `parse`,
    `take_in`, `matched` and `import_set` raise.
    """
    check_name(name)
    wanted = parse(labels)
    added = take_in(user=actor, files=files, archive=archive)
    return Imported(import_set(actor=actor, name=name, labelled=matched(wanted, added.documents)), added.refused)


@transaction.atomic
def import_set(*, actor: Actor, name: str, labelled: Sequence[Labelled]) -> LabelledSet:
    """Store documents with their expected fields as the next revision of the set of that name.

    Contents that a revision has already make none: that one is returned, and nothing is written. Contents are which
    files should have which fields; names and order don't count. Fields are texts, numbers, true, false, or null for
    what must be missing. Raises InvalidInput on `name`, `documents` or `labels`.
    """
    check_name(name)
    check_labelled(labelled)
    _lock(name)
    contents = content_sha256(labelled)
    if known := LabelledSet.objects.filter(name=name, content_sha256=contents).first():
        return known
    made = _stored(LabelledSet(name=name, content_sha256=contents, created_by_id=actor.pk), labelled)
    values = sum(len(expected) for _document, expected in labelled)
    details = {"content_sha256": contents, "documents": len(labelled), "values": values}
    log.append(IMPORTED, actor=actor, target=made, details={"name": name, "revision": made.revision} | details)
    return made


def _stored(made: LabelledSet, labelled: Sequence[Labelled]) -> LabelledSet:
    newest = LabelledSet.objects.filter(name=made.name).order_by("-revision").first()
    made.revision = newest.revision + 1 if newest else 1
    made.save(force_insert=True)
    rows = (
        LabelledDocument(labelled_set=made, position=position, document=document, expected=expected)
        for position, (document, expected) in enumerate(labelled, start=1)
    )
    LabelledDocument.objects.bulk_create(rows, batch_size=1000)
    made.refresh_from_db()
    return made


@transaction.atomic
def run_set(
    labelled_set: LabelledSet,
    *,
    actor: Actor,
    prompt_type: str,
    version_number: int | None = None,
    model: str = "",
) -> Batch:
    """Ask a version, or the active one, about each document of a set; the batch is measured when it finishes.

    Raises Conflict for a set that lost documents, and what `create_batch` raises.
    """
    if erased := labelled_set.documents.filter(document__erased_at__isnull=False).count():
        text = _("%(number)d documents of this set were erased, so nothing can be measured on it. Import a new one.")
        raise Conflict(text % {"number": erased})
    rows = labelled_set.documents.order_by("position").select_related("document")
    return batches.create_batch(
        user=actor,
        prompt_type=prompt_type,
        documents=[row.document for row in rows],
        version_number=version_number,
        model=model,
        purpose=_("Accuracy on %(set)s") % {"set": labelled_set},
        labelled_set=labelled_set,
    )


def find_set(name: str, revision: int | None = None) -> LabelledSet:
    """That revision of a set, or its newest. Raises NotFound."""
    rows = LabelledSet.objects.filter(name=name) if is_storable(name) else LabelledSet.objects.none()
    if revision is not None:
        rows = rows.filter(revision=revision)
    found = rows.order_by("-revision").first()
    if found is None:
        shown = name[:64] if revision is None else f"{name[:64]} r{revision}"
        raise NotFound(_("There is no labelled set “%(name)s”.") % {"name": shown})
    return found


def matched(labels: Iterable[Label], documents: Sequence[Document]) -> list[Labelled]:
    """Each label's document, by its name, without folders where only one has that name. Others are left out.

    Raises InvalidInput on `labels` that names the files of which there is no document, or more than one.
    """
    by_path, by_name = (_by(shorten, documents) for shorten in (clean_path, clean_name))
    pairs, problems = [], []
    for label in labels:
        found = by_path.get(clean_path(label.file)) or by_name.get(clean_name(label.file), [])
        if label.file and len(found) == 1:
            pairs.append((found[0], label.fields))
        elif label.file and found:
            problems.append(_("More than one file is called “%(file)s”.") % {"file": label.file[:200]})
        else:
            problems.append(_("There is no file “%(file)s”.") % {"file": label.file[:200]})
    refuse_any("labels", problems)
    return pairs


def _by(shorten: Any, documents: Sequence[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in documents:
        found.setdefault(shorten(document.name), []).append(document)
    return found


def _lock(name: str) -> None:
    """So that two imports of a name don't give the same number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('labelled set'), hashtext(%s))", [name])
