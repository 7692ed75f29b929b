"""A file that somebody brought in, under the name that they gave it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document_file import DocumentFile
from prompts.models.fields import uuid7

MAX_NAME_LENGTH = 255
#: What erased documents are called.
ERASED_NAME = "[erased]"


class Document(models.Model):
    """Whose it is and what they call it. The name is a label only: nothing is ever opened by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name=_("user"),
        db_index=False,
    )
    file = models.ForeignKey(DocumentFile, on_delete=models.PROTECT, related_name="documents", verbose_name=_("file"))
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    #: Since when its name and content are gone; its file is then one that can't be read.
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)

    class Meta:
        db_table = "documents"
        ordering = ["-created_at", "-id"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            models.Index("user", F("created_at").desc(), F("id").desc(), name="document_own_list"),
            models.Index(F("created_at").desc(), F("id").desc(), name="document_list"),
        ]

    def __str__(self) -> str:
        return self.name
