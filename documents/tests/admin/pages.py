"""What the tests of the pages about documents share."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.urls import reverse

from documents.models import Batch
from documents.services import labelling
from documents.tests.batching import Answer, answers, drive_all, work
from documents.tests.factories import make_document
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.tests.admin.stories import LONG_AGO
from prompts.tests.factories import make_user

DOCUMENTS = "/admin/documents/document/"
BATCHES = "/admin/documents/batch/"
SETS = "/admin/documents/labelledset/"


def address(row: Model, page: str = "change", *more: Any, **query: Any) -> str:
    """Where a page about a row is."""
    return reverse(f"admin:documents_{row._meta.model_name}_{page}", args=[row.pk, *more], query=query or None)


def file(content: str | bytes = "Total 9.00", name: str = "receipt.txt") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def levels(page: Any) -> list[str]:
    """Of the messages on a page."""
    return [message.level_tag for message in page.context["messages"]]


def told(page: Any) -> str:
    """The messages on a page."""
    return " ".join(str(message) for message in page.context["messages"])


def make_set(name: str = "receipts", *expected: dict[str, Any], user: Any = None) -> Any:
    """A labelled set, each document with these fields."""
    user = user or make_user()
    wanted = expected or ({"total": "9.00"},)
    return labelling.import_set(actor=user, name=name, labelled=[(make_document(user), fields) for fields in wanted])


def worked(answer: Answer, limit: int = 1000) -> int:
    """`work` in a test that commits nothing, where the clock stands still for whoever looks for what is due."""
    PromptRequest.objects.filter(status=Status.PENDING).update(next_attempt_at=LONG_AGO)
    return work(answer, limit)


def run(batch: Batch, answer: Answer | None = None) -> Batch:
    """Drive a batch until it ends or pauses, with one answer to all."""
    for _number in range(100):
        drive_all()
        batch.refresh_from_db()
        if batch.state != "running":
            return Batch.objects.get(pk=batch.pk)
        worked(answer or answers(total="9.00"))
    raise AssertionError("It does not end.")
