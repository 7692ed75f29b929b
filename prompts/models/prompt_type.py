"""What kind of prompt a request is: text, code, report, …"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prompts.rendering import NAME_PATTERN

MAX_TEMPLATE_LENGTH = 100_000
#: A hundred years.
MAX_KEEP_DAYS = 36_525
SLUG_FORM = r"[a-z][a-z0-9_]{0,63}"
#: Python's `$` would let a line break follow.
SLUG_PATTERN = rf"^{SLUG_FORM}\Z"


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
    required_placeholders = ArrayField(
        models.CharField(max_length=64, validators=[RegexValidator(rf"^{NAME_PATTERN}$")]),
        verbose_name=_("required placeholders"),
        default=list,
        blank=True,
        help_text=_("Names that each template of this type must have in double braces, separated by commas."),
    )
    max_template_length = models.PositiveIntegerField(
        _("longest template"),
        default=20_000,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TEMPLATE_LENGTH)],
        help_text=_("In characters. Versions that are there already stay as they are."),
    )
    requires_review = models.BooleanField(
        _("requires review"),
        default=False,
        help_text=_("A version is activated by somebody other than its author."),
    )
    keep_texts_days = models.PositiveIntegerField(
        _("days that texts are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_KEEP_DAYS)],
        help_text=_("Prompts and answers are erased so many days after they were sent. Empty: never."),
    )
    keep_facts_days = models.PositiveIntegerField(
        _("days that facts are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_KEEP_DAYS)],
        help_text=_("After so many days nothing tells who asked, when and why. Empty: for ever."),
    )
    #: The highest number that a version of this type was ever given; it only rises.
    version_counter = models.PositiveIntegerField(default=0, editable=False)
    #: Rises with each change of the active version: what was read under another epoch is stale (decision 0008).
    active_epoch = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "prompt_types"
        ordering = ["slug"]
        verbose_name = _("prompt type")
        verbose_name_plural = _("prompt types")
        constraints = [
            models.CheckConstraint(condition=models.Q(slug__regex=SLUG_PATTERN), name="prompt_type_slug_form"),
            models.CheckConstraint(
                condition=models.Q(max_template_length__gte=1, max_template_length__lte=MAX_TEMPLATE_LENGTH),
                name="prompt_type_template_length",
            ),
            models.CheckConstraint(
                condition=models.Q(keep_texts_days__isnull=True)
                | models.Q(keep_texts_days__gte=1, keep_texts_days__lte=MAX_KEEP_DAYS),
                name="prompt_type_keeps_texts_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(keep_facts_days__isnull=True)
                | models.Q(keep_facts_days__gte=1, keep_facts_days__lte=MAX_KEEP_DAYS),
                name="prompt_type_keeps_facts_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(keep_texts_days__isnull=True)
                | models.Q(keep_facts_days__isnull=True)
                | models.Q(keep_texts_days__lte=models.F("keep_facts_days")),
                name="prompt_type_keeps_facts_longer",
            ),
        ]

    def __str__(self) -> str:
        return self.label
