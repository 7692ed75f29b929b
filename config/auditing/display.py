"""How the log looks in the console. Everything is escaped; colours repeat what the words say."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.models import AuditEntry, content_hash
from audit.services.state import ChainState
from config.auditing.presenting import correlation_id, told
from prompts.admin import display

#: An entry waits a second or so; this long only when nobody seals.
LATE_SECONDS = 60


def state_context(state: ChainState, *, contradicted: bool = False) -> dict[str, Any]:
    """What stands above the list: a judgement, and what it rests on.

    `contradicted`: the chain doesn't hold what the newest checkpoints of table or file say.
    """
    return {
        "chain": state,
        "chain_verdict": _verdict(state, contradicted=contradicted),
        "chain_checkpoint": display.moment(state.checkpoint_at),
    }


def _verdict(state: ChainState, *, contradicted: bool) -> SafeString:
    if (state.checkpoint_size or 0) > state.size:
        return display.badge("failed", _("Entries are missing: the last checkpoint covers more than there are"))
    if contradicted:
        return display.badge("failed", _("The log is not as it was signed: verify it"))
    if state.waiting and state.oldest_waiting_seconds > LATE_SECONDS:
        return display.badge("failed", _("Nothing is sealed any more: is a worker running?"))
    if state.waiting:
        return display.badge("generating", _("Being sealed"))
    return display.badge("completed", _("All entries are sealed"))


def entry_context(entry: AuditEntry) -> dict[str, Any]:
    """Everything that the page of one entry shows."""
    content = told(entry)
    link = getattr(entry, "link", None)
    return {
        "entry": entry,
        "entry_time": display.moment(entry.at),
        "entry_target": target(entry),
        "entry_correlation_id": correlation_id(content),
        "entry_details": display.pretty_json(content.get("details")),
        "entry_content_hash": bytes(entry.content_hash).hex(),
        "entry_check": _check(entry),
        "entry_link": link,
        "entry_hash": bytes(link.hash).hex() if link else "",
        "entry_prev_hash": bytes(link.prev_hash).hex() if link else "",
        "entry_sealed": display.moment(link.sealed_at) if link else None,
    }


def _check(entry: AuditEntry) -> SafeString:
    if content_hash(entry.content) == bytes(entry.content_hash):
        return display.badge("completed", _("Matches the content"))
    return display.badge("failed", _("Does not match the content: the entry was changed"))


def target(entry: AuditEntry) -> SafeString | str:
    """What it was done to, with a link where the console has a page for such things."""
    if not entry.target_type:
        return "-"
    name = format_html("<bdi>{}</bdi>", entry.target_label or entry.target_id)
    if address := _page_of_target(entry):
        return format_html('<a href="{}">{}</a>', address, name)
    return name


def _page_of_target(entry: AuditEntry) -> str:
    """Its address by the names that the entry keeps: the log knows no model of others."""
    page = f"admin:{entry.target_type.replace('.', '_')}_change"
    try:
        return reverse(page, args=[entry.target_id])
    except NoReverseMatch:
        return ""


def place(entry: AuditEntry) -> SafeString:
    """The number in the chain."""
    link = getattr(entry, "link", None)
    if link is None:
        return display.badge("generating", _("Waiting"))
    return format_html('<bdi dir="ltr">{}</bdi>', formats.number_format(link.seq, force_grouping=True))
