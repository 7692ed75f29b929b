"""A labelled set: documents whose fields are known."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SET_NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}\Z"


class LabelledSet(models.Model):
    """One revision of a named set. Its contents never change: importing the name again makes the next revision."""

    name = models.CharField(
        _("name"),
        max_length=64,
        validators=[RegexValidator(SET_NAME_PATTERN, _("Use lower-case letters, digits, hyphens and underscores."))],
    )
    revision = models.PositiveIntegerField(_("revision"))
    #: Of the canonical list of files and expected fields: what an accuracy was measured on.
    content_sha256 = models.CharField(_("SHA-256 of the contents"), max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="labelled_sets", verbose_name=_("imported by")
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        db_table = "labelled_sets"
        ordering = ["name", "-revision"]
        verbose_name = _("labelled set")
        verbose_name_plural = _("labelled sets")
        constraints = [
            models.UniqueConstraint(fields=["name", "revision"], name="labelled_set_revision_once"),
            models.UniqueConstraint(fields=["name", "content_sha256"], name="labelled_set_content_once"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="labelled_set_revision_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} r{self.revision}"
