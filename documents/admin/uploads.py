"""Files that come with a form: many at once, archives among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from documents.models import Document
from documents.models.document_file import Priority
from documents.services import storing
from prompts.exceptions import InvalidInput

#: What the file dialogue of a browser offers; what a file really is, its content tells.
ACCEPTED_ALONE = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.txt"
ACCEPTED = f"{ACCEPTED_ALONE},.zip"
FILES_HELP = format_lazy(
    _("PDF, PNG, JPEG, TIFF or plain text: up to {number} files at once, or ZIP archives of as many as you like."),
    number=settings.DATA_UPLOAD_MAX_NUMBER_FILES,
)


class FilesInput(forms.FileInput):
    """An input that takes several files."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """The files that were chosen, as a list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"accept": ACCEPTED}), allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [file for file in data or [] if file]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(Files, self).clean(file, initial) for file in files]


@dataclass(slots=True)
class Taken:
    """The documents that files became; of each that was refused its name and the reason."""

    documents: list[Document] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def take_in(user: Any, files: Sequence[Any], *, priority: Priority = Priority.BATCH) -> Taken:
    """Keep files as documents of `user`, archives opened. One that is refused doesn't stop the others."""
    taken = Taken()
    for file in files:
        try:
            _take(user, file, priority, taken)
        except InvalidInput as error:
            taken.refused.append((file.name or "", str(error.message)))
    return taken


def _take(user: Any, file: Any, priority: Priority, taken: Taken) -> None:
    name = file.name or ""
    content: Any = file.file
    if not name.lower().endswith(".zip"):
        taken.documents.append(storing.add_document(user=user, name=name, content=content, priority=priority))
        return
    added = storing.add_archive(user=user, content=content)
    taken.documents.extend(added.documents)
    taken.refused.extend((f"{name}: {entry.name}", str(entry.message)) for entry in added.refused)
