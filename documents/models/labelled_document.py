"""A document with the fields that an answer should have."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.labelled_set import LabelledSet


class LabelledDocument(models.Model):
    """A document of a set and its expected fields: a JSON object of field names and plain values."""

    labelled_set = models.ForeignKey(
        LabelledSet,
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name=_("labelled set"),
        db_index=False,
    )
    position = models.PositiveIntegerField(_("position"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="labels", verbose_name=_("document"))
    expected = models.JSONField(_("expected fields"))

    class Meta:
        db_table = "labelled_documents"
        ordering = ["labelled_set", "position"]
        verbose_name = _("labelled document")
        verbose_name_plural = _("labelled documents")
        constraints = [
            models.UniqueConstraint(fields=["labelled_set", "position"], name="labelled_document_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.labelled_set_id}/{self.position}"
