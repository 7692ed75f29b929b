"""The numbers at the top of the home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from prompts.admin.home import words
from prompts.admin.home.links import Links
from prompts.models.prompt_request import Status
from prompts.services.figures.ended import Tally
from prompts.services.figures.queue import Queue

#: A request that nobody has taken up for so many seconds is told in another colour.
LONG_WAIT = 60
#: So is the share of the failed from here on.
MANY_FAILED = 0.05


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it counts. `tone` is "", "warn" or "bad", and what it says stands in `note`, too."""

    label: str
    value: str
    note: str = ""
    href: str = ""
    tone: str = ""


def now_tiles(queue: Queue, links: Links, *, viewer: Any, sees_all: bool) -> list[Tile]:
    """What is waiting and running at this moment."""
    return [
        _waiting(queue, links),
        _longest_wait(queue, viewer, sees_all=sees_all),
        Tile(_("In flight"), words.count(queue.in_flight), _("being asked now"), links.now(Status.GENERATING)),
    ]


def window_tiles(total: Tally, links: Links) -> list[Tile]:
    """What has ended within the window."""
    completed = Tile(_("Completed"), words.count(total.completed), href=links.ended(status=Status.COMPLETED))
    return [completed, _failed(total, links), _cost(total, links)]


def _waiting(queue: Queue, links: Links) -> Tile:
    later = {_("later: %(number)s"): queue.deferred, _("for a document: %(number)s"): queue.awaiting_text}
    note = " · ".join(text % {"number": words.count(number)} for text, number in later.items() if number)
    value = words.count(queue.due, capped=queue.is_capped)
    return Tile(_("Waiting now"), value, note or _("nothing else is planned"), links.now(Status.PENDING))


def _longest_wait(queue: Queue, viewer: Any, *, sees_all: bool) -> Tile:
    if queue.waited is None:
        return Tile(_("Longest wait"), "-", _("no request waits for a worker"))
    may_open = sees_all or queue.oldest_user == viewer.pk
    href = reverse("admin:prompts_promptrequest_change", args=[queue.oldest]) if may_open else ""
    late = queue.waited > LONG_WAIT
    note = _("the workers do not keep up") if late else _("of the oldest request in the queue")
    return Tile(_("Longest wait"), words.seconds(queue.waited), note, href, "warn" if late else "")


def _failed(total: Tally, links: Links) -> Tile:
    note = _("%(share)s of those that ended") % {"share": words.share(total.failed_share)} if total.failed else ""
    tone = "bad" if (total.failed_share or 0) >= MANY_FAILED else ""
    return Tile(_("Failed"), words.count(total.failed), note, links.ended(status=Status.FAILED), tone)


def _cost(total: Tally, links: Links) -> Tile:
    note = _("Tokens: %(number)s") % {"number": words.count(total.tokens)}
    return Tile(_("Cost (USD)"), words.dollars(total.cost), note, links.ended())
