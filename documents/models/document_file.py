"""A file's content, and how far it has been read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ReadingState(models.TextChoices):
    """How far a file has been read. The last two are final."""

    PENDING = "pending", _("Waiting to be read")
    READING = "reading", _("Being read")
    READ = "read", _("Read")
    FAILED = "failed", _("Can't be read")


class Priority(models.IntegerChoices):
    """Who is waiting for it; the lower is read first."""

    PERSON = 0, _("Person")
    BATCH = 1, _("Batch")


class DocumentFile(models.Model):
    """A content, stored once under its hash (documents/storage.py), and its reading by one reader.

    The row is the queue of what is to be read, as a request's is of what is to be asked: a worker holds a lease on
    it, and who writes must still hold the token. Another reader (a language was added) makes another row.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.BigIntegerField(_("size"))
    media_type = models.CharField(_("media type"), max_length=100)
    reader = models.CharField(_("reader"), max_length=100)
    state = models.CharField(_("state"), max_length=8, choices=ReadingState.choices, default=ReadingState.PENDING)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.BATCH)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_token = models.BigIntegerField(default=0, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    #: Known once the file was opened.
    page_count = models.PositiveIntegerField(_("pages"), null=True)
    pages_read = models.PositiveIntegerField(_("pages read"), default=0)
    #: A key of `documents.reading.REASONS`.
    error_code = models.CharField(_("reason"), max_length=32, blank=True, default="")
    milliseconds = models.PositiveIntegerField(_("duration in ms"), null=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    #: Since when it waits to be read, or waited.
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(_("read at"), null=True)
    #: Since when nothing of the content is known; `sha256` is then no hash but a name of its own.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)
    #: The hash of an erased content that may still lie on disk; empty otherwise.
    left_on_disk = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)

    class Meta:
        db_table = "document_files"
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(fields=["sha256", "reader"], name="document_file_read_once"),
            models.CheckConstraint(condition=Q(state__in=ReadingState.values), name="document_file_state_known"),
            models.CheckConstraint(
                condition=Q(state="reading", lease_expires_at__isnull=False)
                | (~Q(state="reading") & Q(lease_expires_at__isnull=True)),
                name="document_file_lease_while_reading",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error_code=""), name="document_file_failed_says_why"
            ),
        ]
        indexes = [
            models.Index("priority", "id", condition=Q(state="pending"), name="document_file_queue"),
            models.Index("lease_expires_at", condition=Q(state="reading"), name="document_file_sweep"),
            models.Index("left_on_disk", condition=~Q(left_on_disk=""), name="document_file_left_on_disk"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_finished(self) -> bool:
        """Whether its state is final."""
        return self.state in (ReadingState.READ, ReadingState.FAILED)
