"""What is refused here and nowhere else."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prompts.exceptions import DomainError


class TooManyDownloads(DomainError):
    """As many downloads are under way as this server allows (503)."""

    user_message = _("Too many files are being downloaded at the moment.")
    recovery_action = _("Try again in a few seconds.")
    retry_after = 5
