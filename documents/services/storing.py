"""Taking documents in. What is accepted here is read, or says why not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils.translation import gettext as _

from documents.models import Document
from documents.models.document_file import Priority
from documents.services import files
from documents.services.archives import Archive, Entry
from documents.services.files import WORTH_ANOTHER_TRY, try_again
from documents.services.labels import clean_name
from prompts.exceptions import Conflict, InvalidInput

__all__ = [
    "WORTH_ANOTHER_TRY",
    "Added",
    "Refused",
    "add_archive",
    "add_document",
    "keep_archive",
    "keep_file",
    "try_again",
]


class Owner(Protocol):
    """Whose document it is: a saved user."""

    pk: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of an archive that was not taken, under what the archive calls it, and why."""

    name: str
    message: str


@dataclass(slots=True)
class Added:
    """What became of the files of an archive, in its order."""

    documents: list[Document] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def add_document(*, user: Owner, name: str, content: BinaryIO, priority: int = Priority.BATCH) -> Document:
    """Store a file and, once that is committed, have it read unless it was read before.

    `content` is read from where it stands. `name` becomes a label. With Priority.PERSON it is read before what
    batches wait for. Raises InvalidInput on `file` for what is empty, too large or of a kind that can't be read, and
    Conflict where the account was switched off while the file was on its way.
    """
    return _add(user, clean_name(name), content, priority)


def add_archive(*, user: Owner, content: BinaryIO) -> Added:
    """Take each file of a ZIP archive that can be taken, in a transaction of its own; a bad one stops no other.

    A file is named without its folders, unless another of that name came before. Folders, hidden files and what a Mac
    adds are passed over. Raises InvalidInput on `archive` for what is no archive, or holds more than a batch may, and
    Conflict as `add_document` does.
    """
    added, archive = Added(), Archive(content)
    for entry in archive.entries():
        try:
            added.documents.append(_unpack(user, archive, entry))
        except InvalidInput as error:
            added.refused.append(Refused(entry.path, str(error.message)))
    return added


def keep_archive(content: BinaryIO) -> None:
    """Store the files of a ZIP archive, each in a transaction of its own, without a document that names them.

    Call it before a transaction that takes the whole archive in: that one then finds each content there, and keeps
    nobody waiting who brings the same. What is refused is passed over, to be told then.
    """
    with suppress(InvalidInput):
        archive = Archive(content)
        for entry in archive.entries():
            with suppress(InvalidInput), archive.content(entry) as unpacked:
                keep_file(unpacked)


@transaction.atomic
def keep_file(content: BinaryIO) -> None:
    """The same for a file alone. Raises InvalidInput as `add_document` does."""
    files.keep(content)


def _unpack(user: Owner, archive: Archive, entry: Entry) -> Document:
    with archive.content(entry) as content:
        return _add(user, entry.name, content, Priority.BATCH)


@transaction.atomic
def _add(user: Owner, name: str, content: BinaryIO, priority: int) -> Document:
    _hold_open(user)
    document = Document(user_id=user.pk, file=files.keep(content, priority), name=name)
    document.save(force_insert=True)
    return document


def _hold_open(user: Owner) -> None:
    """Whoever closes the account waits for this transaction, so that what erases the person finds the document.

    Before anything is stored: a content that is on the disk without a row would be erased by nobody. Shared, for a
    person may bring many files at once.
    """
    model = get_user_model()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT is_active FROM {model._meta.db_table} WHERE id = %s FOR SHARE", [user.pk])  # noqa: S608
        if cursor.fetchone() != (True,):
            raise Conflict(_("This account is switched off. Nothing can be added to it any more."))
