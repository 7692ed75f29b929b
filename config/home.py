"""The home page: the figures of `prompts`, and beside them what other apps have to show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from documents.services.health import reading_queue
from prompts import powers
from prompts.admin.home import words
from prompts.admin.home.page import home_context
from prompts.admin.home.tiles import LONG_WAIT, Tile


def figures(request: HttpRequest) -> dict[str, Any]:
    """What the page shows to who may look at figures over all requests; nothing to others."""
    return home_context(request, _tiles(request)) if powers.reads_versions(request.user) else {}


def _tiles(request: HttpRequest) -> list[Tile]:
    """How the reading of documents goes."""
    queue = reading_queue()
    standing = queue.stands_still(LONG_WAIT)
    waiting = _("waiting: %(number)s") % {"number": words.count(queue.waiting)}
    note = _("%(waiting)s, nobody reads") % {"waiting": waiting} if standing else waiting
    address = reverse("admin:documents_document_changelist") if powers.manages_all(request.user) else ""
    return [Tile(_("Documents being read"), words.count(queue.being_read), note, address, "warn" if standing else "")]
