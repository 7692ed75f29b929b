"""How well a version did on a labelled set."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.batch import Batch
from documents.models.labelled_set import LabelledSet
from prompts.models import PromptVersion


class AccuracyRun(models.Model):
    """Counts of one finished batch over a labelled set. Never changes; shares and intervals follow from the counts."""

    batch = models.OneToOneField(
        Batch, primary_key=True, on_delete=models.PROTECT, related_name="accuracy", verbose_name=_("batch")
    )
    version = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="accuracy_runs",
        verbose_name=_("version"),
        db_index=False,
    )
    labelled_set = models.ForeignKey(
        LabelledSet, on_delete=models.PROTECT, related_name="accuracy_runs", verbose_name=_("labelled set")
    )
    #: The set's hash at that time, so that the figure stands by itself.
    content_sha256 = models.CharField(_("SHA-256 of the contents"), max_length=64)
    model = models.CharField(_("model"), max_length=200)
    documents = models.PositiveIntegerField(_("documents"))
    #: Of these no answer came: all their fields count as wrong.
    unanswered = models.PositiveIntegerField(_("unanswered"))
    fields = models.PositiveIntegerField(_("labelled values"))
    exact = models.PositiveIntegerField(_("exactly right"))
    normalised = models.PositiveIntegerField(_("right"))
    #: `{field: {"fields": n, "exact": n, "normalised": n}}`
    by_field = models.JSONField(_("by field"))
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        db_table = "accuracy_runs"
        ordering = ["-created_at", "-batch"]
        verbose_name = _("accuracy run")
        verbose_name_plural = _("accuracy runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(exact__lte=F("normalised"), normalised__lte=F("fields"), unanswered__lte=F("documents")),
                name="accuracy_run_parts_of_the_whole",
            )
        ]
        indexes = [
            models.Index("version", "labelled_set", F("created_at").desc(), name="accuracy_run_last"),
        ]

    def __str__(self) -> str:
        return str(self.batch_id)
