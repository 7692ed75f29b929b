"""The parts of the installation that only the whole of it can look at, for the page of operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit.services.state import ChainState, chain_state
from config import health
from config.health import NotReady
from documents.services.health import ReadingQueue, reading_queue
from prompts.admin.home import words
from prompts.admin.operations.parts import Finding, Part

#: Entries of the audit log get their places every second.
UNSEALED_SECONDS = 60


def parts() -> list[Part]:
    """How each is now."""
    return [_broker(), _folder(), _documents(reading_queue()), _audit(chain_state())]


def _broker() -> Part:
    name = _("Message broker")
    if _is_well(health.check_broker):
        return Part(name, _("Can be reached"))
    text = _("The message broker can't be reached: requests still run, each with up to a second of delay.")
    advice = _("Start the message broker, and look at CELERY_BROKER_URL, or at REDIS_URL where that is not set.")
    return Part(name, _("Can't be reached"), Finding(text, advice))


def _folder() -> Part:
    name = _("Folder of documents")
    if _is_well(health.check_media):
        return Part(name, _("Can be written"))
    text = _("The folder of the documents can't be written: nothing can be uploaded.")
    return Part(name, _("Can't be written"), Finding(text, _("Look at MEDIA_ROOT, its disk and its owner.")))


def _documents(queue: ReadingQueue) -> Part:
    shown = {"waiting": words.count(queue.waiting), "reading": words.count(queue.being_read)}
    note = _("Waiting: %(waiting)s · being read: %(reading)s") % shown
    if not queue.stands_still(settings.READY_MAX_QUEUE_SECONDS):
        return Part(_("Reading of documents"), note)
    text = _("A document has been waiting for %(time)s, and nobody reads.")
    finding = Finding(
        text % {"time": words.seconds(queue.oldest_seconds)}, _("Look whether a worker runs, and its log.")
    )
    return Part(_("Reading of documents"), note, finding)


def _audit(state: ChainState) -> Part:
    shown = {"size": words.count(state.size), "signed": words.count(state.checkpoint_size or 0)}
    note = _("Entries: %(size)s · signed for: %(signed)s") % shown
    if state.oldest_waiting_seconds <= UNSEALED_SECONDS:
        return Part(_("Audit log"), note)
    text = _("Entries of the audit log have been waiting for their place in the chain for %(time)s.")
    finding = Finding(
        text % {"time": words.seconds(state.oldest_waiting_seconds)}, _("Look whether a worker runs, and its log.")
    )
    return Part(_("Audit log"), note, finding)


def _is_well(check: Callable[[], dict[str, Any]]) -> bool:
    try:
        check()
    except NotReady:
        return False
    return True
