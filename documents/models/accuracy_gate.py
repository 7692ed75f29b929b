"""What a type demands of a version before it may be activated."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.labelled_set import LabelledSet
from prompts.models import PromptType


class AccuracyGate(models.Model):
    """The share of labelled values that the version's last run on this revision of a set must reach."""

    prompt_type = models.OneToOneField(
        PromptType,
        to_field="slug",
        db_column="prompt_type",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="accuracy_gate",
        verbose_name=_("prompt type"),
    )
    labelled_set = models.ForeignKey(
        LabelledSet, on_delete=models.PROTECT, related_name="gates", verbose_name=_("labelled set")
    )
    threshold = models.DecimalField(
        _("threshold"),
        max_digits=4,
        decimal_places=3,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share of labelled values that must be right, from 0 to 1."),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "accuracy_gates"
        verbose_name = _("accuracy gate")
        verbose_name_plural = _("accuracy gates")
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1), name="accuracy_gate_threshold_is_share"
            )
        ]

    def __str__(self) -> str:
        return str(self.prompt_type_id)
