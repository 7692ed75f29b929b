"""Answered requests, sealed by one entry of the audit log."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry


class PromptSeal(models.Model):
    """A batch of answered requests under one Merkle root, which stands in an audit entry (docs/decisions/0012).

    The n-th request has the n-th 32 bytes of `leaves` and the n-th 16 of `salts`. Nothing of a seal changes but
    the salts: to erase a text for good is to erase its salt too.
    """

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="+", verbose_name=_("entry"))
    root = models.BinaryField(_("root"), max_length=32)
    size = models.PositiveIntegerField(_("answers"))
    #: From the first answer to the last, both included. Answers after the last of all seals are still to be sealed.
    answered = DateTimeRangeField(_("answered"))
    last_response_id = models.UUIDField()
    #: Of answers that other seals should have held: they were committed after the answers beside them were sealed.
    is_late = models.BooleanField(default=False)
    request_ids = ArrayField(models.UUIDField())
    leaves = models.BinaryField()
    salts = models.BinaryField()

    class Meta:
        db_table = "prompt_seals"
        ordering = ["-id"]
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        indexes = [GistIndex(fields=["answered"], name="prompt_seal_answered")]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=1), name="prompt_seal_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
