"""What kind of prompt a request is: text, code, report, …"""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"


class PromptType(models.Model):
    """A kind of prompt with its defaults. The slug names it in the API and in every request; it never changes."""

    slug = models.CharField(
        _("slug"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(SLUG_PATTERN, _("Use lower-case letters, digits and underscores, beginning with a letter."))
        ],
        help_text=_("The name in the API. It can't be changed later."),
    )
    label = models.CharField(_("label"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    default_model = models.CharField(
        _("default model"),
        max_length=200,
        blank=True,
        help_text=_("Used when a request names no model, for example openai/gpt-5-mini."),
    )
    default_parameters = models.JSONField(_("default parameters"), default=dict, blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive type takes no new requests; its history stays.")
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "prompt_types"
        ordering = ["slug"]
        verbose_name = _("prompt type")
        verbose_name_plural = _("prompt types")
        constraints = [
            models.CheckConstraint(condition=models.Q(slug__regex=SLUG_PATTERN), name="prompt_type_slug_form")
        ]

    def __str__(self) -> str:
        return self.label
