"""A try-out of a version on a file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from prompts.models import PromptRequest


class SandboxRun(models.Model):
    """Ties a sandbox request to the document whose text it waits for, or got."""

    request = models.OneToOneField(
        PromptRequest,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="sandbox_run",
        verbose_name=_("request"),
    )
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="sandbox_runs", verbose_name=_("document")
    )
    #: The placeholder that the document's text fills.
    placeholder = models.CharField(_("placeholder"), max_length=64)
    #: What fills the others.
    variables = models.JSONField(_("variables"), default=dict)

    class Meta:
        db_table = "document_sandbox_runs"
        verbose_name = _("try-out on a document")
        verbose_name_plural = _("try-outs on documents")

    def __str__(self) -> str:
        return str(self.request_id)
