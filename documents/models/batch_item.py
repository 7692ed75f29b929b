"""A document of a batch."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models.batch import Batch
from documents.models.document import Document
from prompts.models import PromptRequest


class BatchItem(models.Model):
    """A document and the request that asks about it. How that went is said by the request alone.

    A document without a request waits for its text or for its turn, unless `error_code` says why none was sent.
    """

    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="items", verbose_name=_("batch"), db_index=False
    )
    position = models.PositiveIntegerField(_("position"))
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="batch_items", verbose_name=_("document")
    )
    request = models.OneToOneField(
        PromptRequest,
        null=True,
        on_delete=models.PROTECT,
        related_name="batch_item",
        verbose_name=_("request"),
    )
    #: Requests of this document that failed and were sent again, oldest first.
    earlier_requests = ArrayField(models.UUIDField(), verbose_name=_("earlier requests"), default=list)
    #: A key of `documents.reading.REASONS`, or `refused`.
    error_code = models.CharField(_("reason"), max_length=32, blank=True, default="")
    error_message = models.TextField(_("error message"), blank=True, default="")
    failed_at = models.DateTimeField(_("failed at"), null=True)

    class Meta:
        db_table = "document_batch_items"
        ordering = ["batch", "position"]
        verbose_name = _("document of a batch")
        verbose_name_plural = _("documents of batches")
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_item_position_once"),
            models.CheckConstraint(
                condition=Q(error_code="", failed_at__isnull=True)
                | Q(request__isnull=True, failed_at__isnull=False) & ~Q(error_code=""),
                name="batch_item_failed_without_request",
            ),
        ]
        indexes = [
            models.Index(
                "batch", "position", condition=Q(request__isnull=True, error_code=""), name="batch_item_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position}"
