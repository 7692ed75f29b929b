"""How far the texts of a type have been erased."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from prompts.models.prompt_type import PromptType


class RetentionProgress(models.Model):
    """Where the next purge goes on, so that none reads again what is erased already (docs/decisions/0025).

    Every request of the type that was made before `texts_erased_until` has no texts any more.
    """

    prompt_type = models.OneToOneField(
        PromptType,
        primary_key=True,
        to_field="slug",
        db_column="prompt_type",
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("prompt type"),
    )
    texts_erased_until = models.DateTimeField()

    class Meta:
        db_table = "retention_progress"
        verbose_name = _("progress of a retention")
        verbose_name_plural = _("progress of retentions")

    def __str__(self) -> str:
        return str(self.prompt_type_id)
