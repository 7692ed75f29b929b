"""How values look on the pages. Everything is escaped; nothing here marks data as safe."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import bidirectional
from uuid import UUID

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.models import PromptRequest

MILLISECOND = timedelta(milliseconds=1)
#: Browsers need seconds to lay out a text of 1 MB without spaces.
MOST_CHARACTERS = 100_000
PREVIEW_CHARACTERS = 60
#: Between these (first strong isolate, pop isolate) a text has its own direction.
ISOLATED, END = "\u2068", "\u2069"


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


def isolated(text: str) -> str:
    """A name inside of a sentence, whose words it must not turn around. For where no element can stand about it."""
    return f"{ISOLATED}{text}{END}"


def simulated_mark(simulated: bool) -> SafeString | str:
    """A mark on what no vendor has answered, nothing on the rest."""
    return badge("simulated", _("Simulated")) if simulated else ""


def model(name: str, *, simulated: bool) -> SafeString:
    """The name of a model, which breaks after its provider. The mark is small, and a word for who can't see it."""
    provider, slash, rest = name.partition("/")
    shape = '<bdi dir="ltr">{}{}<wbr>{}</bdi> {}'
    return format_html(shape, provider, slash, rest, _small_mark() if simulated else "")


def _small_mark() -> SafeString:
    shape = '<span class="mark" title="{0}">{1}<span class="visually-hidden">{0}</span></span>'
    return format_html(shape, _("Simulated"), format_html('<span aria-hidden="true">{}</span>', "◆"))


def preview(text: str) -> str:
    """The beginning of a text, with a sign that there may be more."""
    return text if len(text) < PREVIEW_CHARACTERS else f"{text[:PREVIEW_CHARACTERS].rstrip()}…"


def lines(*texts: object) -> SafeString:
    """Those of `texts` that aren't empty, below each other; the first one counts most."""
    first, *others = [text for text in texts if text] or ["-"]
    return format_html("{}{}", first, format_html_join("", '<div class="quiet">{}</div>', [[text] for text in others]))


def long_text(text: str, *, request_id: UUID) -> SafeString:
    """A prompt or an answer; of one that is too long for a page its beginning, and where to read all of it."""
    shown = format_html('<div class="long-text" dir="auto">{}</div>', text[:MOST_CHARACTERS])
    if len(text) <= MOST_CHARACTERS:
        return shown
    note = _("These are the first %(shown)s of %(all)s characters.") % {
        "shown": formats.number_format(MOST_CHARACTERS, force_grouping=True),
        "all": formats.number_format(len(text), force_grouping=True),
    }
    address = f"{reverse('prompt', args=[request_id])}?format=json"
    return format_html(
        '{}<p class="quiet">{} <a href="{}">{}</a></p>', shown, note, address, _("Read all of it as JSON")
    )


def erased(request: PromptRequest) -> SafeString:
    """What stands in the place of a prompt or an answer that is gone."""
    return format_html('<p class="quiet">{} {}</p>', _("The text was erased:"), moment(request.texts_erased_at))


def direction(text: str) -> str:
    """Where a text begins to run, by its first letter: what `dir="auto"` does, for the frame around it."""
    kinds = (bidirectional(character) for character in text)
    first = next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


def moment(time: datetime | None) -> SafeString | None:
    """Date, time to the second and time zone. It breaks between date and time alone."""
    if time is None:
        return None
    local = timezone.localtime(time)
    shape = '<time datetime="{}"><bdi>{}</bdi> <bdi dir="ltr">{}</bdi></time>'
    return format_html(
        shape, time.isoformat(), formats.date_format(local), formats.date_format(local, "H:i:s T", use_l10n=False)
    )


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
