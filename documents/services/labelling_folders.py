"""Importing a labelled set from a folder of this machine."""

from __future__ import annotations

import hashlib
from io import BufferedReader
from pathlib import Path

from django.utils.translation import gettext as _

from audit.log import Actor
from documents.models import Document, LabelledSet
from documents.reading import reader_name
from documents.services import label_files
from documents.services.label_files import Label
from documents.services.label_rules import check_name, refuse_any
from documents.services.labelling import import_set
from documents.services.labels import clean_name
from documents.services.storing import add_document
from prompts.exceptions import InvalidInput


def import_folder(*, actor: Actor, name: str, labels: bytes, folder: Path) -> LabelledSet:
    """Take the files in that `labels` names, and make a set of them. What is not named is left where it is.

    A file that the same person brought under the same name before is not taken in a second time. No link is followed
    out of the folder. Raises what `label_files.parse` and `import_set` raise, and InvalidInput on `labels` for files
    that are not there, before any is taken in, or that are refused.
    """
    check_name(name)
    wanted = label_files.parse(labels)
    root = folder.resolve()
    missing = [label.file[:200] for label in wanted if not _is_in(root, label)]
    refuse_any("labels", [_("There is no file “%(file)s”.") % {"file": file} for file in missing])
    labelled, problems = [], []
    for label in wanted:
        try:
            labelled.append((_taken(actor, label, root / label.file), label.fields))
        except InvalidInput as error:
            problems.append(f"{label.file[:200]}: {error.message}")
    refuse_any("labels", problems)
    return import_set(actor=actor, name=name, labelled=labelled)


def _is_in(root: Path, label: Label) -> bool:
    try:
        path = (root / label.file).resolve(strict=True)
    except (OSError, ValueError):
        return False
    return bool(label.file) and path.is_relative_to(root) and path.is_file()


def _taken(actor: Actor, label: Label, path: Path) -> Document:
    name = clean_name(label.file)
    try:
        with path.open("rb") as content:
            return _known(actor, name, content) or add_document(user=actor, name=name, content=content)
    except OSError as error:
        raise InvalidInput.on("file", _("It can't be read: %(problem)s.") % {"problem": error.strerror}) from error


def _known(actor: Actor, name: str, content: BufferedReader) -> Document | None:
    """The document that this content was brought in as, by this person under this name."""
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    content.seek(0)
    documents = Document.objects.filter(user_id=actor.pk, name=name)
    return documents.filter(file__sha256=sha256, file__reader=reader_name()).select_related("file").first()
