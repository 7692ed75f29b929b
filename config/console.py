"""The site of the staff: Django's admin, with our name and without what must not be looked at."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class Console(AdminSite):
    """The stock admin site."""

    site_title = "AI Prompt Manager"
    site_header = "AI Prompt Manager"
    index_title = _("Overview")
    site_url = "/api/docs/"
