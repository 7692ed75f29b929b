"""A long-lived token of a user, for the programs that work in their name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prompts.models.fields import uuid7

MAX_NAME_LENGTH = 100
#: Characters of a token that its lists show: enough to tell one from the other, too few to guess the rest.
SHOWN_CHARACTERS = 12


class ApiToken(models.Model):
    """Of the token itself only a digest is kept: it is shown once, when it is made.

    Tokens are revoked, not deleted: who could come in, and when, stays known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH, help_text=_("What it is for."))
    beginning = models.CharField(_("beginning"), max_length=SHOWN_CHARACTERS, editable=False)
    #: SHA-256: a token has 256 random bits, which no slow hash could make safer.
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        db_table = "api_tokens"
        ordering = ["-created_at", "-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_later"),
            models.CheckConstraint(condition=~Q(name=""), name="api_token_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
