"""A batch: many documents through one pinned version."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.labelled_set import LabelledSet
from prompts.models import PromptType, PromptVersion
from prompts.models.fields import uuid7


class BatchState(models.TextChoices):
    """Whether a batch sends further requests."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class PauseReason(models.TextChoices):
    """Why it is paused."""

    BY_HAND = "by_hand", _("Paused by hand")
    FAILURES = "failures", _("Too many failures in a row")
    REFUSED = "refused", _("Its requests are refused")


class Batch(models.Model):
    """Type, version and model are fixed at its start: whichever version is activated later, nothing of it changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="batches",
        verbose_name=_("user"),
        db_index=False,
    )
    prompt_type = models.ForeignKey(
        PromptType,
        to_field="slug",
        db_column="prompt_type",
        on_delete=models.PROTECT,
        related_name="batches",
        verbose_name=_("prompt type"),
    )
    version = models.ForeignKey(
        PromptVersion, on_delete=models.PROTECT, related_name="batches", verbose_name=_("version")
    )
    model = models.CharField(_("model"), max_length=200)
    #: The placeholder of the version that a document's text fills.
    placeholder = models.CharField(_("placeholder"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True, help_text=_("Why it was asked."))
    #: Where a command found the documents: it goes on with the batch of the same source.
    source = models.CharField(_("source"), max_length=500, blank=True)
    rerun_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reruns", verbose_name=_("re-run of")
    )
    labelled_set = models.ForeignKey(
        LabelledSet, null=True, on_delete=models.PROTECT, related_name="batches", verbose_name=_("labelled set")
    )
    state = models.CharField(_("state"), max_length=9, choices=BatchState.choices, default=BatchState.RUNNING)
    pause_reason = models.CharField(_("reason"), max_length=8, choices=PauseReason.choices, blank=True, default="")
    pause_detail = models.TextField(_("detail"), blank=True, default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    #: Failures before this don't count when it looks for many in a row.
    resumed_at = models.DateTimeField(_("resumed at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True)
    #: Since when its purpose and source are gone, with all that its owner wrote.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)

    class Meta:
        db_table = "document_batches"
        ordering = ["-created_at", "-id"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(condition=Q(state="paused") ^ Q(pause_reason=""), name="batch_paused_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=["finished", "cancelled"]) ^ Q(finished_at__isnull=True),
                name="batch_finished_at_the_end",
            ),
        ]
        indexes = [
            models.Index("user", F("created_at").desc(), F("id").desc(), name="batch_own_list"),
            models.Index(F("created_at").desc(), F("id").desc(), name="batch_list"),
            models.Index("id", condition=Q(state="running"), name="batch_running"),
        ]

    def __str__(self) -> str:
        return str(self.id)
