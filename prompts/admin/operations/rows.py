"""The rows of the page's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.admin.home import words
from prompts.admin.home.tiles import Tile
from prompts.admin.operations.state import State
from prompts.admin.operations.verdict import advice
from prompts.models import PromptRequest
from prompts.models.prompt_request import SIMULATOR_PREFIX
from prompts.services.operations.failures import Group
from prompts.services.operations.providers import ProviderHealth
from prompts.services.presence import Worker


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker process."""

    name: str
    state: SafeString
    place: str
    calls: str
    started: SafeString | None
    seen: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider, in the last hour and before."""

    alias: str
    state: SafeString
    cells: list[str]
    waiting: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Failures of one class and model, with what to do about them."""

    error_class: str
    model: str
    number: str
    advice: str
    href: str


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A failed request. `retried` leads to the one that it was sent again as, if it was."""

    pk: str
    link: SafeString
    at: SafeString | None
    user: str
    kind: str
    model: SafeString
    error_class: str
    why: str
    retried: SafeString | None


def tiles(state: State) -> list[Tile]:
    """The queue and who works on it."""
    queue, alive = state.queue, state.alive
    running, slots = sum(worker.running for worker in alive), sum(worker.slots for worker in alive)
    waited = "-" if queue.waited is None else words.seconds(queue.waited)
    return [
        Tile(_("Workers"), words.count(len(alive)), tone="" if alive else "bad"),
        Tile(_("Slots in use"), words.count(running), _("of %(number)s") % {"number": words.count(slots)}),
        Tile(_("Waiting now"), words.count(queue.due, capped=queue.is_capped)),
        Tile(_("Longest wait"), waited),
        Tile(_("In flight"), words.count(queue.in_flight)),
        Tile(_("For later"), words.count(queue.deferred)),
        Tile(_("For a document"), words.count(queue.awaiting_text)),
    ]


def worker_rows(workers: Sequence[Worker]) -> list[WorkerRow]:
    """A row each."""
    return [
        WorkerRow(
            worker.name,
            _state_of(worker),
            f"{worker.host} · {worker.pid}",
            f"{words.count(worker.running)} / {words.count(worker.slots)}",
            display.moment(worker.started_at),
            _("%(time)s ago") % {"time": words.seconds(worker.silent_seconds)},
        )
        for worker in workers
    ]


def _state_of(worker: Worker) -> SafeString:
    if worker.has_stopped:
        return display.badge("stopped", _("Stopped"))
    if worker.is_lost:
        return display.badge("failed", _("No sign of life"))
    return display.badge("active", _("Running"))


def provider_rows(providers: Sequence[ProviderHealth]) -> list[ProviderRow]:
    """A row each."""
    return [_provider_row(health) for health in providers]


def _provider_row(health: ProviderHealth) -> ProviderRow:
    state = display.badge("active", _("Configured")) if health.is_configured else _missing()
    failure = f"{_hour(health.last_failure)} {health.last_error_class}" if health.last_failure else "-"
    cells = [
        words.count(health.recent.completed),
        words.count(health.recent.failed),
        words.share(health.recent.failed_share),
        words.share(health.rate_limited_share),
        words.milliseconds(health.recent.slow_ms),
        _hour(health.last_answer),
        failure,
    ]
    waiting = " · ".join(f"{name}: {words.count(number)}" for name, number in sorted(health.waiting.items()))
    return ProviderRow(health.alias, state, cells, waiting or "-")


def _missing() -> SafeString:
    return display.badge("failed", _("Not configured"))


def _hour(moment: datetime | None) -> str:
    return words.moment(moment) if moment else "-"


def group_rows(groups: Sequence[Group], window: str) -> list[GroupRow]:
    """A row each, with the address that shows their requests."""
    return [
        GroupRow(
            group.error_class,
            group.model,
            words.count(group.number),
            advice(group.error_class),
            "?" + urlencode({"window": window, "error_class": group.error_class, "model": group.model}) + "#failed",
        )
        for group in groups
    ]


def failed_rows(requests: Sequence[PromptRequest]) -> list[FailedRow]:
    """A row each, of what `failures.failed_requests` gives."""
    return [_failed_row(request) for request in requests]


def _failed_row(request: PromptRequest) -> FailedRow:
    newer = getattr(request, "retried_as", None)
    return FailedRow(
        str(request.pk),
        display.request_link(request.pk),
        display.moment(request.created_at),
        request.user.get_username(),
        request.prompt_type_id,
        display.model(request.model, simulated=request.model.startswith(SIMULATOR_PREFIX)),
        request.error_class,
        getattr(request, "why", ""),
        display.request_link(newer) if newer else None,
    )
