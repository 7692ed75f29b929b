"""A numbered template of a prompt type."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prompts.models.prompt_type import PromptType

MAX_NOTE_LENGTH = 2000


class PromptVersion(models.Model):
    """What is asked of the model, with placeholders; one version a type at most is active.

    Number, template and what belongs to it never change after insert (trigger). A deleted version keeps its row:
    the requests that used it still point at it.
    """

    prompt_type = models.ForeignKey(
        PromptType,
        to_field="slug",
        db_column="prompt_type",
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("prompt type"),
        db_index=False,
    )
    version_number = models.PositiveIntegerField(_("number"))
    template = models.TextField(_("template"))
    template_sha256 = models.CharField(_("SHA-256 of the template"), max_length=64)
    field_schema = models.JSONField(
        _("field schema"), null=True, blank=True, help_text=_("JSON Schema of the expected answer.")
    )
    model = models.CharField(
        _("model"), max_length=200, blank=True, help_text=_("Instead of the type's default; may stay empty.")
    )
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="prompt_versions",
        verbose_name=_("author"),
        db_index=False,
    )
    #: The author's user name at that time; also of versions that were imported from where the author has an account.
    author = models.CharField(_("author"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    is_active = models.BooleanField(_("active"), default=False)
    activated_at = models.DateTimeField(_("activated at"), null=True)
    manual_note = models.TextField(_("note"), null=True, blank=True, max_length=MAX_NOTE_LENGTH)
    test_result_json = models.JSONField(_("last test result"), null=True)
    last_tested_at = models.DateTimeField(_("last tested at"), null=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True)

    class Meta:
        db_table = "prompt_versions"
        ordering = ["prompt_type", "-version_number"]
        verbose_name = _("prompt version")
        verbose_name_plural = _("prompt versions")
        permissions = [("write_promptversion", _("Can write versions, try them out and annotate them"))]
        constraints = [
            models.UniqueConstraint(fields=["prompt_type", "version_number"], name="prompt_version_number_once"),
            models.UniqueConstraint(
                fields=["prompt_type"], condition=Q(is_active=True), name="prompt_version_one_active"
            ),
            models.CheckConstraint(condition=Q(version_number__gte=1), name="prompt_version_number_positive"),
            models.CheckConstraint(condition=~Q(template=""), name="prompt_version_template_not_empty"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(deleted_at__isnull=True, activated_at__isnull=False),
                name="prompt_version_active_not_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_type_id} v{self.version_number}"

    def is_by(self, user: Any) -> bool:
        """Whether this user brought it in or, where somebody imported it, is named as its author."""
        return bool(self.created_by_id == user.pk or self.author == user.get_username())


def template_sha256(template: str) -> str:
    """SHA-256 of a template's UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(template.encode()).hexdigest()
