"""The gate of accuracy: what a version must reach before it may be activated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from documents.accuracy import Share
from documents.models import AccuracyGate, AccuracyRun, LabelledSet
from documents.services import measuring
from prompts.exceptions import InvalidInput, NotFound
from prompts.models import PromptType, PromptVersion
from prompts.services.gates import Objection
from prompts.services.inputs import is_storable, resolve_model

SET = "gate.set"
CLEARED = "gate.cleared"
MAX_PLACES = 3


@dataclass(frozen=True, slots=True)
class GateState:
    """How a version stands before its type's gate, in words and in figures; `run` is None where none counts."""

    gate: AccuracyGate
    model: str
    run: AccuracyRun | None
    is_reached: bool
    message: str

    @property
    def share(self) -> Share | None:
        """What the run came to."""
        return measuring.share(self.run) if self.run else None


@transaction.atomic
def set_gate(slug: str, *, labelled_set: LabelledSet, threshold: Decimal, actor: Actor) -> AccuracyGate:
    """Demand of each version of a type, before it is activated, this share right on this revision of a set.

    The active version stays. The same demand again changes nothing. Raises NotFound for an unknown type, and
    InvalidInput on `threshold` for what is no share of at most three places.
    """
    _check_threshold(threshold)
    kind = _locked(slug)
    before = find_gate(slug)
    if before and (before.labelled_set_id, before.threshold) == (labelled_set.pk, threshold):
        return before
    values = {"labelled_set": labelled_set, "threshold": threshold}
    AccuracyGate.objects.update_or_create(prompt_type=kind, defaults=values)
    gate = get_gate(slug)
    details = _facts(gate) | {"previous": _facts(before) if before else None}
    log.append(SET, actor=actor, target=kind, details=details)
    return gate


@transaction.atomic
def clear_gate(slug: str, *, actor: Actor) -> None:
    """Demand nothing any more. Raises NotFound where there is no type, or no gate."""
    kind = _locked(slug)
    gate = find_gate(slug)
    if gate is None:
        raise _not_found(slug)
    details = _facts(gate)
    gate.delete()
    log.append(CLEARED, actor=actor, target=kind, details=details)


def get_gate(slug: str) -> AccuracyGate:
    """The gate of a type. Raises NotFound."""
    gate = find_gate(slug)
    if gate is None:
        raise _not_found(slug)
    return gate


def find_gate(slug: str) -> AccuracyGate | None:
    """The gate of a type with its set, if it has one."""
    if not is_storable(slug):
        return None
    return AccuracyGate.objects.select_related("labelled_set").filter(prompt_type__slug=slug).first()


def objection(version: PromptVersion) -> Objection | None:
    """What the type's gate has against `version`; None where there is none, or it is reached.

    Call it under the lock of the type's row: nothing is then measured and no gate changed meanwhile.
    """
    state = state_of(version)
    return None if state is None or state.is_reached else Objection(state.message, _evidence(state))


def state_of(version: PromptVersion) -> GateState | None:
    """How a version stands before its type's gate; None where the type has none.

    What counts is its last run on the gate's revision of the set, with the contents that the revision has, and with the
    model that the version asks unless a request names another.
    """
    gate = find_gate(version.prompt_type_id)
    if gate is None:
        return None
    model = _model_of(version)
    # A version that asks no model by itself has no run that counts: it could have been any.
    run = measuring.last_run(version, gate.labelled_set, model=model) if model else None
    if run and run.content_sha256 != gate.labelled_set.content_sha256:
        run = None
    is_reached = run is not None and measuring.share(run).reaches(gate.threshold)
    return GateState(gate, model, run, is_reached, _message(version, gate, model, run))


def percent(share: Decimal) -> str:
    """A share as a percentage of at most two places, as the language writes numbers."""
    return formats.number_format(f"{(share * 100).quantize(Decimal('0.01')).normalize():f}")


def _message(version: PromptVersion, gate: AccuracyGate, model: str, run: AccuracyRun | None) -> str:
    shown = {
        "version": str(version),
        "set": str(gate.labelled_set),
        "model": model,
        "threshold": percent(gate.threshold),
    }
    if not model:
        text = _("%(version)s can't be measured for the gate: it has no model, nor have its type and DEFAULT_MODEL.")
        return text % shown
    if run is None:
        text = _("%(version)s was not measured on %(set)s with %(model)s yet; %(threshold)s %% right is required.")
        return text % shown
    share = measuring.share(run)
    shown |= {"share": percent(share.value), "low": percent(share.low), "high": percent(share.high)}
    return _(
        "%(version)s got %(correct)d of %(total)d values in %(documents)d documents of %(set)s right: %(share)s %% "
        "(95 %% interval: %(low)s to %(high)s %%); %(threshold)s %% is required."
    ) % {**shown, "correct": share.correct, "total": share.total, "documents": run.documents}


def _evidence(state: GateState) -> dict[str, Any]:
    """What the audit log tells of an objection that was overridden."""
    told = _facts(state.gate) | {"gate": "accuracy", "model": state.model, "run": None}
    if state.run is None or state.share is None:
        return told
    interval = {"low": str(state.share.low), "high": str(state.share.high)}
    return told | {"run": str(state.run.pk), "correct": state.share.correct, "total": state.share.total} | interval


def _facts(gate: AccuracyGate) -> dict[str, Any]:
    return {
        "prompt_type": gate.prompt_type_id,
        "labelled_set": str(gate.labelled_set),
        "content_sha256": gate.labelled_set.content_sha256,
        "threshold": f"{gate.threshold:.{MAX_PLACES}f}",
    }


def _model_of(version: PromptVersion) -> str:
    name = version.model or version.prompt_type.default_model
    try:
        return resolve_model(name)[1]
    except InvalidInput:
        # A model that can't be used any more; it may have been measured while it could.
        return name


def _locked(slug: str) -> PromptType:
    kinds = PromptType.objects.select_for_update(no_key=True)
    kind = kinds.filter(slug=slug).first() if is_storable(slug) else None
    if kind is None:
        raise NotFound(_("There is no prompt type “%(slug)s”.") % {"slug": slug[:64]})
    return kind


def _not_found(slug: str) -> NotFound:
    return NotFound(_("The prompt type “%(slug)s” has no gate.") % {"slug": slug[:64]})


def _check_threshold(threshold: Decimal) -> None:
    if not (threshold.is_finite() and 0 <= threshold <= 1 and threshold == round(threshold, MAX_PLACES)):
        text = _("A threshold is a number from 0 to 1 with at most %(places)d places.") % {"places": MAX_PLACES}
        raise InvalidInput.on("threshold", text)
