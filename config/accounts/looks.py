"""How API tokens look in the console. Colours repeat what the words say."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.models import ApiToken
from prompts.admin import display

#: So long before its end a token asks to be replaced.
WARNED = timedelta(days=14)


def state(row: ApiToken) -> SafeString:
    """Whether the token opens anything, and how much longer."""
    left = row.expires_at - timezone.now()
    if row.revoked_at is not None:
        return display.badge("deleted", _("Revoked"))
    if left <= timedelta():
        return display.badge("deleted", _("Expired"))
    if not row.user.is_active:
        return display.badge("failed", _("The account is switched off"))
    if left < WARNED:
        return display.badge("billed", _ends_in(left.days))
    return display.badge("active", _("Valid"))


def _ends_in(days: int) -> str:
    if days == 0:
        return _("Expires within a day")
    return ngettext("Expires in %(days)d day", "Expires in %(days)d days", days) % {"days": days}


def beginning(row: ApiToken) -> SafeString:
    """Enough of the token to tell it from others."""
    return display.code(f"{row.beginning}…")
