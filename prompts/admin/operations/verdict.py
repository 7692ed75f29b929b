"""What is not well, in words, with what to do about it; the gravest first."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prompts.admin.home import words
from prompts.admin.operations.parts import Finding
from prompts.admin.operations.state import State
from prompts.services.operations.pins import BrokenPin
from prompts.services.operations.providers import ProviderHealth
from prompts.services.presence import Worker

#: A provider is not well from this share of failed on, among at least so many that ended.
MANY_FAILED, ENOUGH = 0.2, 5
#: For so long a worker that was lost is told of; afterwards it has been replaced, or nobody runs.
TOLD_SECONDS = 600
#: Sealing is done every minute.
UNSEALED_SECONDS = 600
ADVICE = {
    "auth": gettext_lazy("The provider refuses the key. Set a valid one, and restart web and worker."),
    "quota_exhausted": gettext_lazy("The account at the provider has nothing left. Add credit there."),
    "rate_limited": gettext_lazy("The provider wants fewer requests at a time. Lower WORKER_SLOTS, or ask for more."),
    "overloaded": gettext_lazy("The provider is overloaded. Where it lasts, use another model."),
    "timeout": gettext_lazy("Answers take too long. Where it lasts, use another model, or allow more time."),
    "connection": gettext_lazy("Look at the network between the worker and the provider, and at the address."),
    "bad_request": gettext_lazy("The provider refuses what it is asked. Look at one of the requests."),
    "content_filter": gettext_lazy("The provider's filter cut the answers. Look at one of the requests."),
    "configuration": gettext_lazy("The worker has other settings than the web server. Restart both with the same."),
    "worker_lost": gettext_lazy("Workers died while they were asking. Look at their logs and their memory."),
}
OTHERWISE = gettext_lazy("Look at one of the requests that failed.")


def findings(state: State) -> list[Finding]:
    """Everything that is not well; empty when all is."""
    return [
        *_of_workers(state),
        *_of_queue(state),
        *(part.finding for part in state.parts if part.finding),
        *(_of_pin(pin) for pin in state.pins),
        *(_of_provider(health) for health in state.providers if _fails_often(health)),
        *_of_sealing(state),
    ]


def advice(error_class: str) -> str:
    """What to do when requests fail with this class."""
    return str(ADVICE.get(error_class, OTHERWISE))


def _of_workers(state: State) -> Iterator[Finding]:
    if not state.alive:
        text = _("No worker runs: requests are accepted, and nobody asks the models.")
        yield Finding(text, _("Start one: make run, or docker compose up -d worker."))
    for worker in state.workers:
        if worker.is_lost and worker.silent_seconds < TOLD_SECONDS:
            yield _lost(worker)


def _lost(worker: Worker) -> Finding:
    shown = {"name": worker.name, "time": words.seconds(worker.silent_seconds)}
    text = _("The worker %(name)s has shown no sign of life for %(time)s.") % shown
    return Finding(text, _("Its requests go to others by themselves. Look at its log, and start it again."))


def _of_queue(state: State) -> Iterator[Finding]:
    waited, slots = state.queue.waited or 0.0, sum(worker.slots for worker in state.alive)
    address = f"{reverse('admin:prompts_promptrequest_changelist')}?status__exact=pending"
    if waited > settings.READY_MAX_QUEUE_SECONDS:
        text = _("The oldest request has been waiting for a worker for %(time)s.") % {"time": words.seconds(waited)}
        yield Finding(text, _("Start more workers, or look at the log of the ones that run."), address)
    elif state.queue.due and slots and sum(worker.running for worker in state.alive) >= slots:
        text = _("All %(number)s slots are in use, and requests wait.") % {"number": words.count(slots)}
        yield Finding(text, _("Start another worker, or raise WORKER_SLOTS."), address)


def _of_pin(pin: BrokenPin) -> Finding:
    shown = {"name": str(pin.version or pin.kind), "model": pin.model, "provider": pin.provider}
    if pin.version is None:
        text = _("%(name)s has %(model)s as its default model, which can't be used.") % shown
        address = reverse("admin:prompts_prompttype_change", args=[pin.kind.pk])
    else:
        text = _("The active version %(name)s names the model %(model)s, which can't be used.") % shown
        address = reverse("admin:prompts_promptversion_change", args=[pin.version.pk])
    if pin.is_configured:
        return Finding(text, _("MODELS_ALLOWED leaves it out. Allow it, or choose another model."), address)
    return Finding(
        text, _("The provider %(provider)s is not configured. Set it up, or choose another model.") % shown, address
    )


def _fails_often(health: ProviderHealth) -> bool:
    ended = health.recent.completed + health.recent.failed
    return ended >= ENOUGH and (health.recent.failed_share or 0.0) >= MANY_FAILED


def _of_provider(health: ProviderHealth) -> Finding:
    shown = {
        "provider": health.alias,
        "share": words.share(health.recent.failed_share),
        "error_class": health.main_error_class,
        "time": words.moment(health.since),
    }
    text = (
        _("%(share)s of the requests to %(provider)s have failed since %(time)s, mostly with %(error_class)s.") % shown
    )
    return Finding(text, advice(health.main_error_class), "#failed")


def _of_sealing(state: State) -> Iterator[Finding]:
    if state.unsealed > UNSEALED_SECONDS:
        text = _("Answers have been waiting to be sealed for %(time)s.") % {"time": words.seconds(state.unsealed)}
        yield Finding(text, _("Sealing takes the scheduler and a worker. Look whether both run."))
