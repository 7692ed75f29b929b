"""The text of one page."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document_file import DocumentFile


class TextSource(models.TextChoices):
    """Where a page's text comes from."""

    LAYER = "layer", _("Text layer")
    OCR = "ocr", _("Recognised (OCR)")
    TEXT = "text", _("Plain text")


class DocumentPage(models.Model):
    """What one reader found on one page. Never changes."""

    file = models.ForeignKey(
        DocumentFile, on_delete=models.PROTECT, related_name="pages", verbose_name=_("file"), db_index=False
    )
    number = models.PositiveIntegerField(_("page"))
    text = models.TextField(_("text"), blank=True)
    source = models.CharField(_("source"), max_length=5, choices=TextSource.choices)
    confidence = models.PositiveSmallIntegerField(
        _("confidence"), null=True, help_text=_("Mean over the words, in percent; empty for text layers.")
    )
    milliseconds = models.PositiveIntegerField(_("duration in ms"))

    class Meta:
        db_table = "document_pages"
        ordering = ["file", "number"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="document_page_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
