"""How values look on the pages. Everything is escaped; nothing here marks data as safe."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.models import PromptRequest

MILLISECOND = timedelta(milliseconds=1)


def short_id(identifier: UUID) -> str:
    """The end of a time-ordered UUID: the beginnings of neighbours are alike, the ends never."""
    return identifier.hex[-8:]


def badge(kind: str, text: object) -> SafeString:
    """`text` on a colour of its own. The colour only repeats what the text says."""
    return format_html('<span class="badge badge-{}">{}</span>', kind, text)


def status(request: PromptRequest) -> SafeString:
    """The status of a request, with a mark when it is simulated."""
    return format_html("{} {}", badge(request.status, request.get_status_display()), simulated_mark(request.simulated))


def code(text: str, *, title: str = "") -> SafeString:
    """Something for machines, left to right in every language."""
    return format_html('<code dir="ltr" title="{}">{}</code>', title, text)


def simulated_mark(simulated: bool) -> SafeString | str:
    """A mark on what no vendor has answered, nothing on the rest."""
    return badge("simulated", _("Simulated")) if simulated else ""


def request_link(identifier: UUID) -> SafeString:
    """A link to the page of a request."""
    address = reverse("admin:prompts_promptrequest_change", args=[identifier])
    return format_html('<a href="{}">{}</a>', address, code(short_id(identifier), title=str(identifier)))


def duration(milliseconds: int | None) -> str | None:
    """Milliseconds in words: "850 ms", "12.3 s", "4 min 5 s"."""
    if milliseconds is None:
        return None
    if milliseconds < 1_000:
        return _("%(number)s ms") % {"number": milliseconds}
    if milliseconds < 60_000:
        return _("%(number)s s") % {"number": formats.number_format(milliseconds / 1_000, 1)}
    minutes, seconds = divmod(milliseconds // 1_000, 60)
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}


def between(start: datetime | None, end: datetime | None) -> str | None:
    """The duration from `start` to `end`, or None while one of them is open."""
    return duration((end - start) // MILLISECOND) if start and end else None


def money(amount: Decimal | None) -> str | None:
    """US dollars without trailing zeros; None where the price isn't known."""
    return None if amount is None else f"{amount.normalize():f}"


def pretty_json(value: Any) -> str:
    """JSON for people: indented, in their own script. Empty for an empty object."""
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""
