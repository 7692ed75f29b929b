"""The try-outs that wait for the text of a file."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.models import DocumentFile, DocumentPage, SandboxRun
from documents.reading import REASONS
from prompts.models.prompt_request import Status
from prompts.services import awaited

UNREADABLE = "unreadable_document"
#: Between pages: nothing that a model could take for a part of the text.
BETWEEN_PAGES = "\n\n"


def text_of(file: DocumentFile) -> str:
    """The text of all pages in order, with an empty line between them."""
    return BETWEEN_PAGES.join(DocumentPage.objects.filter(file=file).order_by("number").values_list("text", flat=True))


def provide(file: DocumentFile) -> None:
    """Give the text of a file to all that wait for it. Call it under the lock of the file's row, as `refuse`."""
    runs = list(_waiting(file))
    text = text_of(file) if runs else ""
    for run in runs:
        awaited.provide(run.request_id, {**run.variables, run.placeholder: text})


def refuse(file: DocumentFile, reason: str) -> None:
    """End all that wait for the text of a file that can't be read."""
    for run in _waiting(file):
        awaited.refuse(run.request_id, UNREADABLE, str(REASONS[reason]))


def _waiting(file: DocumentFile) -> QuerySet[SandboxRun]:
    """In one order, so that no two wait for each other."""
    runs = SandboxRun.objects.filter(document__file=file, request__awaits_text=True, request__status=Status.PENDING)
    return runs.order_by("request_id")
