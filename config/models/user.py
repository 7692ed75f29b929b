"""The user account and the one permission that opens everything."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person or a service that sends prompts.

    Accounts are deactivated, not deleted: their requests point at them for ever.
    """

    #: The language that they chose; empty for whatever their browser asks for.
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", db_default="", choices=settings.LANGUAGES
    )

    #: While it is saved: what was stored before (config/auditing/accounts.py).
    stored_values: dict[str, Any] | None = None

    class Meta(AbstractUser.Meta):
        db_table = "users"
        permissions = [("manage_all", _("Can manage everything: all requests, prompt types and versions"))]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As in the base class, in one transaction with the audit entry of what has changed."""
        with transaction.atomic():
            super().save(*args, **kwargs)
