"""Starting a batch over files that come with it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from documents.models import Batch
from documents.services.batches import create_batch
from documents.services.labels import clean_name
from documents.services.pinning import pin
from documents.services.storing import Added, Refused, add_archive, add_document, keep_archive, keep_file
from prompts.exceptions import InvalidInput

#: The most files that an error names.
MOST_NAMED = 20
#: How ZIP archives begin that have something in them.
ZIP_MARK = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file under the name that its owner gave it."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Started:
    """A batch that runs, and the files that could not become part of it."""

    batch: Batch
    refused: list[Refused]


def start_batch(
    *,
    user: Any,
    prompt_type: str,
    files: Iterable[Upload] = (),
    archive: BinaryIO | None = None,
    version_number: int | None = None,
    model: str = "",
    purpose: str = "",
) -> Started:
    """Take files in, alone and from a ZIP archive, and start a batch over them; one that is refused stops no other.

    Each file is a transaction of its own: two who bring the same files never wait for each other's last one. Where no
    batch can start, none is taken in. Raises InvalidInput on `files` where none is left, and what `create_batch` and
    `add_archive` raise.
    """
    pin(prompt_type, version_number, model=model)
    added = take_in(user=user, files=files, archive=archive)
    if not added.documents:
        raise _nothing_left(added.refused)
    batch = create_batch(
        user=user,
        prompt_type=prompt_type,
        documents=added.documents,
        version_number=version_number,
        model=model,
        purpose=purpose,
    )
    return Started(batch, added.refused)


def keep(*, files: Iterable[Upload] = (), archive: BinaryIO | None = None) -> None:
    """Store the contents, before a transaction that goes on to `start_batch`: see `keep_archive`."""
    for file in files:
        with suppress(InvalidInput):
            keep_file(file.content)
        file.content.seek(0)
    if archive is not None:
        keep_archive(archive)
        archive.seek(0)


def take_in(*, user: Any, files: Iterable[Upload] = (), archive: BinaryIO | None = None) -> Added:
    """Keep files as documents, those of an archive behind the others. Raises InvalidInput for a bad archive."""
    packed = add_archive(user=user, content=archive) if archive is not None else Added()
    added = Added()
    for file in files:
        try:
            added.documents.append(add_document(user=user, name=file.name, content=file.content))
        except InvalidInput as error:
            added.refused.append(Refused(clean_name(file.name), _why_not(file, error)))
    return Added(added.documents + packed.documents, added.refused + packed.refused)


def _why_not(file: Upload, error: InvalidInput) -> str:
    """Why a file was refused; of an archive, where it belongs."""
    file.content.seek(0)
    if file.content.read(len(ZIP_MARK)) == ZIP_MARK:
        return _("This is a ZIP archive. Send it as “archive”: each file in it becomes a document.")
    return str(error.message)


def _nothing_left(refused: list[Refused]) -> InvalidInput:
    problems = [f"{one.name}: {one.message}" for one in refused[:MOST_NAMED]]
    problems = problems or [_("Choose at least one file that can be read.")]
    return InvalidInput(" ".join(problems), errors={"files": problems})
