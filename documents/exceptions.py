"""What is refused here and nowhere else."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prompts.exceptions import TooManyDownloads


class TooManyPictures(TooManyDownloads):
    """As many pages are being drawn as this server allows (503)."""

    user_message = _("Too many pages are being drawn at the moment.")
    recovery_action = _("Try again in a few seconds.")
    retry_after = 2
