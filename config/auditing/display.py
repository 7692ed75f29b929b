"""How the log looks in the console. Everything is escaped; colours repeat what the words say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit import checkpoints
from audit.models import AuditEntry, content_hash
from audit.services import checking
from audit.services.checking import Outcome, Standing
from audit.services.state import ChainState, chain_state
from config.auditing.presenting import correlation_id, told
from prompts.admin import display

#: An entry waits a second or so; this long only when nobody seals.
LATE_SECONDS = 60
#: Workers begin at once; a verification of a million entries takes less than this.
LATE_VERIFICATION = timedelta(minutes=2)


def state_context(state: ChainState, *, contradicted: bool = False) -> dict[str, Any]:
    """What stands above the list: a judgement, and what it rests on.

    `contradicted`: the chain doesn't hold what the newest checkpoints of table or file say.
    """
    return {
        "chain": state,
        "chain_verdict": _verdict(state, contradicted=contradicted),
        "chain_checkpoint": display.moment(state.checkpoint_at),
    }


def log_context(request: HttpRequest) -> dict[str, Any]:
    """The same of the log as it is now, with the last verification and whether one runs."""
    above = state_context(chain_state(), contradicted=any(checkpoints.contradictions()))
    return above | verification_context(checking.standing(timezone.now()))


def verification_context(standing: Standing) -> dict[str, Any]:
    """What the last verification found, and how long another one has been running."""
    last, since = standing.last, standing.running_since
    return {
        "verified": last,
        "verified_result": _result(last) if last else "",
        "verified_at": display.moment(last.at) if last else None,
        "verifying_since": display.moment(since),
        "verifying_late": since is not None and timezone.now() - since > LATE_VERIFICATION,
    }


def _result(outcome: Outcome) -> SafeString:
    """The badge of a verification."""
    words = {
        "whole": _("Everything is as it was written"),
        "broken": _("Entries were changed, removed or added"),
        "contradicted": _("The log contradicts what was signed"),
        "late": _("Entries wait for their place too long"),
    }
    text = words.get(outcome.result, _("The log could not be verified"))
    return display.badge("completed" if outcome.result == "whole" else "failed", text)


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


def entry_context(entry: AuditEntry, request: HttpRequest) -> dict[str, Any]:
    """Everything that the page of one entry shows."""
    content = told(entry)
    link = getattr(entry, "link", None)
    return {
        "entry": entry,
        "entry_time": display.moment(entry.at),
        "entry_target": target(entry, request),
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


def target(entry: AuditEntry, request: HttpRequest) -> SafeString | str:
    """What it was done to, with a link where the console has a page for such things that the reader may open."""
    if not entry.target_type:
        return "-"
    name = format_html("<bdi>{}</bdi>", entry.target_label or entry.target_id)
    if address := _page_of_target(entry, request):
        return format_html('<a href="{}">{}</a>', address, name)
    return name


def _page_of_target(entry: AuditEntry, request: HttpRequest) -> str:
    """Its address by the names that the entry keeps: the log knows no model of others."""
    if not _shows(entry.target_type, request):
        return ""
    page = f"admin:{entry.target_type.replace('.', '_')}_change"
    try:
        return reverse(page, args=[entry.target_id])
    except NoReverseMatch:
        return ""


def _shows(target_type: str, request: HttpRequest) -> bool:
    """Whether the console shows such things to the reader."""
    try:
        model = apps.get_model(target_type)
    except (LookupError, ValueError):
        return False
    return admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request)


def place(entry: AuditEntry) -> SafeString:
    """The number in the chain."""
    link = getattr(entry, "link", None)
    if link is None:
        return display.badge("generating", _("Waiting"))
    return format_html('<bdi dir="ltr">{}</bdi>', formats.number_format(link.seq, force_grouping=True))
