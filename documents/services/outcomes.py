"""What has become of a document of a batch, as an expression over its row and what it points to."""

from __future__ import annotations

from django.db.models import Case, CharField, Q, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from documents.models.batch import BatchState
from documents.models.document_file import ReadingState
from prompts.models.prompt_request import Status


class ItemOutcome(TextChoices):
    """Where a document of a batch is. The last three are ends."""

    READING = "reading", _("Waits for its text")
    WAITING = "waiting", _("Waits for its turn")
    ASKING = "asking", _("Being asked")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ENDED = (ItemOutcome.COMPLETED, ItemOutcome.FAILED, ItemOutcome.CANCELLED)
#: The `error_code` of a document whose request could not be accepted; the other codes are those of its file.
REFUSED = "refused"
#: Rows that have no request and none failed to get one.
UNSENT = Q(request__isnull=True, error_code="")


def outcome() -> Case:
    """The ItemOutcome of a BatchItem row."""
    whens = [
        When(request__status=Status.COMPLETED, then=Value(ItemOutcome.COMPLETED.value)),
        When(Q(request__status=Status.FAILED) | ~Q(error_code=""), then=Value(ItemOutcome.FAILED.value)),
        When(
            Q(request__status=Status.CANCELLED) | (UNSENT & Q(batch__state=BatchState.CANCELLED)),
            then=Value(ItemOutcome.CANCELLED.value),
        ),
        When(request__isnull=False, then=Value(ItemOutcome.ASKING.value)),
        When(document__file__state=ReadingState.READ, then=Value(ItemOutcome.WAITING.value)),
    ]
    return Case(*whens, default=Value(ItemOutcome.READING.value), output_field=CharField())
