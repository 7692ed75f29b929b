"""How batches and their results look on the pages. Everything is escaped."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.models import Batch, BatchItem
from documents.models.batch import BatchState
from documents.services.outcomes import ItemOutcome
from documents.services.progress import Progress
from prompts.admin import display


def state(batch: Batch) -> SafeString:
    """Whether it goes on, on a colour of its own."""
    return display.badge(batch.state, batch.get_state_display())


def pause(batch: Batch) -> str:
    """Why it is paused, in words; empty while it isn't."""
    if batch.state != BatchState.PAUSED:
        return ""
    return " ".join(filter(None, [f"{batch.get_pause_reason_display()}.", batch.pause_detail]))


def outcome(name: str) -> SafeString:
    """What became of a document."""
    return display.badge(name, ItemOutcome(name).label)


def address(batch_id: Any, page: str = "change", **query: object) -> str:
    """Where the page of a batch is, or one of those that lead on from there."""
    given = {name: str(value) for name, value in query.items() if value}
    return reverse(f"admin:documents_batch_{page}", args=[batch_id], query=given or None)


def link(batch_id: Any) -> SafeString:
    """A link to the page of a batch."""
    return format_html(
        '<a href="{}">{}</a>', address(batch_id), display.code(display.short_id(batch_id), title=str(batch_id))
    )


def item_address(batch_id: Any, position: int) -> str:
    """Where a document of a batch is shown beside its fields."""
    return reverse("admin:documents_batch_document", args=[batch_id, position])


def item_link(item: BatchItem) -> SafeString:
    """A link to a document of a batch."""
    name = _("document %(number)d of %(batch)s") % {
        "number": item.position,
        "batch": display.short_id(item.batch_id),
    }
    return format_html('<a href="{}">{}</a>', item_address(item.batch_id, item.position), name)


def done_of_all(progress: Progress) -> str:
    """How far it is, in words."""
    number = formats.number_format
    return _("%(done)s of %(all)s") % {
        "done": number(progress.ended, force_grouping=True),
        "all": number(progress.total, force_grouping=True),
    }


def percent_done(progress: Progress) -> str:
    """How far it is in whole percent: 100 only at its end."""
    return _percent(100 * progress.ended // progress.total if progress.total else 100)


def spoken(batch: Batch, progress: Progress) -> str:
    """For who listens: how it stands, in words that change no more often than somebody wants to hear of it."""
    tenths = 10 * progress.ended // progress.total if progress.total else 10
    return f"{batch.get_state_display()}, {_percent(10 * tenths)}"


def _percent(whole: int) -> str:
    return _("%(number)s %%") % {"number": formats.number_format(whole)}


def throughput(per_minute: float | None) -> str | None:
    """How fast it goes, no finer than can be known; None where nothing tells."""
    if per_minute is None:
        return None
    number = formats.number_format(per_minute, 0 if per_minute >= 10 else 1, force_grouping=True)
    return _("%(number)s a minute") % {"number": number}


def seconds_left(seconds: float | None) -> str | None:
    """The estimate in words, no finer than it is; None where there is none."""
    if seconds is None:
        return None
    if seconds < 60:
        return _("less than a minute")
    minutes = round(seconds / 60)
    if minutes < 120:
        return ngettext("about %(number)d minute", "about %(number)d minutes", minutes) % {"number": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(number)d hour", "about %(number)d hours", hours) % {"number": hours}
