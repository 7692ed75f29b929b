"""The shapes of batches."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents.api.uploads import UploadField, UploadsField
from documents.models import Batch
from documents.models.batch import BatchState, PauseReason
from documents.services.batches import MAX_PURPOSE_LENGTH
from documents.services.progress import progress_of_many
from prompts.api.fields import StrictSerializer, TextField, WholeNumberField


class BatchPart(StrictSerializer):
    """What a batch is pinned to, and why it is run."""

    promptType = TextField(source="prompt_type", max_length=64, help_text="The slug of an active prompt type.")
    model = TextField(max_length=200, required=False, help_text="Instead of the default of version and type.")
    purpose = TextField(max_length=MAX_PURPOSE_LENGTH, required=False, allow_blank=True, help_text="Why it is asked.")


class BatchCreate(BatchPart):
    """A batch over documents that are here already."""

    documents = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, help_text="Their ids; each is asked about once."
    )
    versionNumber = WholeNumberField(
        source="version_number", required=False, min_value=1, help_text="Instead of the version that is active now."
    )


class BatchForm(BatchPart):
    """A batch over files that come with it: any number of `files`, a ZIP `archive` of them, or both."""

    files = UploadsField(required=False, help_text="PDF, PNG, JPEG, TIFF or plain text.")
    archive = UploadField(required=False, help_text="A ZIP archive of such files.")
    versionNumber = serializers.IntegerField(
        source="version_number", required=False, min_value=1, help_text="Instead of the version that is active now."
    )


class BatchRerun(StrictSerializer):
    """What another run over the same documents does differently."""

    versionNumber = WholeNumberField(
        source="version_number", required=False, min_value=1, help_text="Instead of the version that is active now."
    )
    model = TextField(max_length=200, required=False, help_text="Instead of the version's, or that of the run before.")


class BatchRerunForm(BatchRerun):
    """The same as a form."""

    versionNumber = serializers.IntegerField(  # type: ignore[assignment]
        source="version_number", required=False, min_value=1, help_text="Instead of the version that is active now."
    )


class ProgressOut(serializers.Serializer[Any]):
    """How many of the documents are where. The last three counts only grow, unless failed ones are retried."""

    total = serializers.IntegerField()
    reading = serializers.IntegerField(help_text="Their text is not there yet.")
    waiting = serializers.IntegerField(help_text="Read, and not sent yet.")
    asking = serializers.IntegerField(help_text="Sent, and not answered yet.")
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    cost = serializers.DecimalField(
        max_digits=None, decimal_places=None, allow_null=True, help_text="In USD so far; null where no price is known."
    )
    secondsLeft = serializers.FloatField(
        source="seconds_left", allow_null=True, help_text="An estimate; null while nothing tells."
    )


class SetOut(serializers.Serializer[Any]):
    """A revision of a labelled set."""

    name = serializers.CharField()
    revision = serializers.IntegerField()


class BatchOut(serializers.Serializer[Any]):
    """Many documents through one version and model, which stay whatever is activated later."""

    id = serializers.UUIDField()
    user = serializers.CharField(source="user.username")
    promptType = serializers.CharField(source="prompt_type_id")
    versionNumber = serializers.IntegerField(source="version.version_number", help_text="Also of one deleted since.")
    model = serializers.CharField()
    purpose = serializers.CharField()
    source = serializers.CharField(help_text="The folder that a command found the documents in; or empty.")  # type: ignore[assignment]
    rerunOf = serializers.UUIDField(source="rerun_of_id", allow_null=True)
    labelledSet = SetOut(source="labelled_set", allow_null=True)
    state = serializers.ChoiceField(choices=BatchState.choices)
    pauseReason = serializers.ChoiceField(source="pause_reason", choices=["", *PauseReason.values])
    pauseMessage = serializers.SerializerMethodField(help_text="The same in words; or empty.")
    pauseDetail = serializers.CharField(source="pause_detail", help_text="What was refused; or empty.")
    createdAt = serializers.DateTimeField(source="created_at")
    finishedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    progress = serializers.SerializerMethodField()

    def get_pauseMessage(self, batch: Batch) -> str:
        """Why it is paused, in the reader's language."""
        return str(batch.get_pause_reason_display()) if batch.pause_reason else ""

    @extend_schema_field(ProgressOut)
    def get_progress(self, batch: Batch) -> dict[str, Any]:
        """Counted for all batches of an answer at once (`present_many`)."""
        return dict(ProgressOut(self.context["progress"][batch.pk]).data)


class BatchAnswer(serializers.Serializer[Any]):
    """One batch."""

    data = BatchOut()  # type: ignore[assignment]


class RetriedAnswer(BatchAnswer):
    """The batch, and how many of its documents are asked about again."""

    retried = serializers.IntegerField()


class RefusedOut(serializers.Serializer[Any]):
    """A file that did not become a document of the batch."""

    name = serializers.CharField()
    message = serializers.CharField(help_text="Why, in the language of Accept-Language.")


class BatchCreatedAnswer(BatchAnswer):
    """The batch, and the files that came with it and can't be part of it."""

    refused = RefusedOut(many=True)


def present(batch: Batch) -> dict[str, Any]:
    """One batch."""
    return present_many([batch])[0]


def present_many(batches: list[Batch]) -> list[dict[str, Any]]:
    """Batches with their progress, counted in one query."""
    context = {"progress": progress_of_many(batches)}
    return [dict(row) for row in BatchOut(batches, many=True, context=context).data]
