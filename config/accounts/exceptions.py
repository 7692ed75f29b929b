"""What is refused about accounts, in words for the developer and for the user."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prompts.exceptions import Conflict


class TooManyTokens(Conflict):
    """The user has as many live tokens as they may (409)."""

    user_message = _("You have too many API tokens.")
    recovery_action = _("Revoke one that you don't need any more, then create a new one.")
