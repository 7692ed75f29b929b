"""The life of a version: created, annotated, activated, deleted. Each is one transaction and one audit row.

The lock on the type's row puts all changes of its versions in a row, so that numbers have no gap and exactly one
version is active at every instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from prompts import active_cache
from prompts.exceptions import ActiveVersionStays, GateClosed, InvalidInput, NotFound, ReviewRequired
from prompts.models import PromptType, PromptVersion
from prompts.models.prompt_version import template_sha256
from prompts.services import gates
from prompts.services.gates import Objection
from prompts.services.inputs import is_storable
from prompts.services.version_rules import check_note, check_version

MAX_REASON_LENGTH = 500
CREATED = "prompt_version.created"
ACTIVATED = "prompt_version.activated"
DELETED = "prompt_version.deleted"
REVIEW_BYPASSED = "prompt_version.review_bypassed"
GATE_BYPASSED = "prompt_version.gate_bypassed"
BOTH_BYPASSED = "prompt_version.review_and_gate_bypassed"


#: By what was bypassed: the review, the gate.
_ACTIONS = {
    (False, False): ACTIVATED,
    (True, False): REVIEW_BYPASSED,
    (False, True): GATE_BYPASSED,
    (True, True): BOTH_BYPASSED,
}
#: Everything that tells of a version that became the active one.
ACTIVATIONS = tuple(_ACTIONS.values())


@dataclass(frozen=True, slots=True)
class Activation:
    """The version that is active now; `changed` is False when it was active already, `previous` the one before."""

    version: PromptVersion
    changed: bool
    previous: PromptVersion | None


@transaction.atomic
def create_version(
    *,
    prompt_type: str,
    template: str,
    actor: Actor,
    model: str = "",
    parameters: dict[str, Any] | None = None,
    field_schema: dict[str, Any] | None = None,
    manual_note: str | None = None,
) -> PromptVersion:
    """Store a new version, inactive, under the type's next number.

    Raises InvalidInput for an unknown type, a template that breaks the type's rules, and a model, parameters or
    schema that can't be used.
    """
    kind = _locked_type(prompt_type)
    version = PromptVersion(
        prompt_type=kind,
        version_number=kind.version_counter + 1,
        template=template,
        field_schema=field_schema,
        model=model,
        parameters=parameters or {},
        manual_note=manual_note,
        created_by_id=actor.pk,
        author=actor.get_username(),
    )
    check_version(version, kind)
    version.template_sha256 = template_sha256(template)
    PromptType.objects.filter(pk=kind.pk).update(version_counter=version.version_number)
    version.save(force_insert=True)
    log.append(CREATED, actor=actor, target=version, details=facts(version))
    return version


@transaction.atomic
def activate_version(prompt_type: str, number: int, *, actor: Actor, bypass_reason: str = "") -> Activation:
    """Make this the version that is used, in place of the one before. Activating the active one changes nothing.

    `bypass_reason` lets an author activate their own version where the type requires review, and anybody a version
    that has not reached the type's gate; it is audited.
    Raises NotFound, ReviewRequired and GateClosed.
    """
    kind, version = _locked_version(prompt_type, number)
    if version.is_active:
        return Activation(version, changed=False, previous=version)
    review = _check_review(kind, version, actor, bypass_reason)
    objections = _check_gates(version, bypass_reason)
    previous = _locked_active(kind, version)
    _switch(kind, previous, version)
    details = facts(version) | {"previous": previous.version_number if previous else None}
    if review or objections:
        details |= {"reason": bypass_reason}
    if objections:
        details |= {"gates": [objection.details for objection in objections]}
    log.append(_ACTIONS[review, bool(objections)], actor=actor, target=version, details=details)
    version.refresh_from_db()
    return Activation(version, changed=True, previous=previous)


@transaction.atomic
def annotate_version(prompt_type: str, number: int, *, note: str | None) -> PromptVersion:
    """Replace the note on a version; None takes it away. Notes are not audited. Raises NotFound and InvalidInput."""
    check_note(note)
    _kind, version = _locked_version(prompt_type, number)
    version.manual_note = note
    version.save(update_fields=["manual_note"])
    return version


@transaction.atomic
def delete_version(prompt_type: str, number: int, *, actor: Actor) -> None:
    """Take a version out of use for good; its number is never given again and its row stays for its requests.

    Raises NotFound, and ActiveVersionStays for the active one.
    """
    _kind, version = _locked_version(prompt_type, number)
    check_deletable(version)
    PromptVersion.objects.filter(pk=version.pk).update(deleted_at=Now())
    log.append(DELETED, actor=actor, target=version, details=facts(version))


def check_deletable(version: PromptVersion) -> None:
    """Raise ActiveVersionStays for the version that is active."""
    if version.is_active:
        raise ActiveVersionStays(_("The active version can't be deleted."))


def _locked_type(slug: str) -> PromptType:
    kind = _find_locked(slug)
    if kind is not None:
        return kind
    known = ", ".join(PromptType.objects.values_list("slug", flat=True))
    raise InvalidInput.on(
        "promptType",
        _("There is no prompt type “%(slug)s”. There are: %(known)s.") % {"slug": slug[:64], "known": known},
    )


def _locked_version(slug: str, number: int) -> tuple[PromptType, PromptVersion]:
    """The version with its type's row locked first, as everything here does: so no two wait for each other."""
    kind = _find_locked(slug)
    if kind is not None:
        version = PromptVersion.objects.filter(prompt_type=kind, version_number=number, deleted_at=None).first()
        if version is not None:
            return kind, version
    raise not_found(slug, number)


def not_found(slug: str, number: int) -> NotFound:
    """The refusal for a version that isn't there, or not any more."""
    return NotFound(
        _("There is no version %(number)s of “%(slug)s”.") % {"number": number, "slug": slug[:64]},
        user_message=_("This version was not found."),
    )


def _find_locked(slug: str) -> PromptType | None:
    if not is_storable(slug):
        return None
    return PromptType.objects.select_for_update(no_key=True).filter(slug=slug).first()


def _check_review(kind: PromptType, version: PromptVersion, actor: Actor, bypass_reason: str) -> bool:
    """Whether review was bypassed. Raises ReviewRequired."""
    if not kind.requires_review or not version.is_by(actor):
        return False
    if not _is_reason(bypass_reason):
        raise ReviewRequired(_("This type requires that a person other than the author activates a version."))
    return True


def _check_gates(version: PromptVersion, bypass_reason: str) -> list[Objection]:
    """The objections that the reason overrides. Raises GateClosed with the first where there is no reason."""
    objections = gates.objections(version)
    if objections and not _is_reason(bypass_reason):
        raise GateClosed(objections[0].message)
    return objections


def _is_reason(text: str) -> bool:
    """Spaces, dots and what can't be seen are no reason. Raises InvalidInput for what can't be recorded."""
    if len(text) > MAX_REASON_LENGTH or not is_storable(text):
        raise InvalidInput.on(
            "bypassReason", _("A reason is a text of at most %(limit)d characters.") % {"limit": MAX_REASON_LENGTH}
        )
    return any(map(str.isalnum, text))


def _locked_active(kind: PromptType, version: PromptVersion) -> PromptVersion | None:
    """The version that is active now, with both rows locked in the order in which test results are recorded."""
    both = PromptVersion.objects.filter(Q(is_active=True) | Q(pk=version.pk), prompt_type=kind).order_by("pk")
    return next((row for row in both.select_for_update(no_key=True) if row.is_active), None)


def _switch(kind: PromptType, previous: PromptVersion | None, version: PromptVersion) -> None:
    """First off, then on: the constraint allows one active version at every instant."""
    if previous is not None:
        PromptVersion.objects.filter(pk=previous.pk).update(is_active=False)
    PromptVersion.objects.filter(pk=version.pk).update(is_active=True, activated_at=Now())
    PromptType.objects.filter(pk=kind.pk).update(active_epoch=F("active_epoch") + 1)
    # Robust: what is committed is active, whether or not the cache can be told.
    transaction.on_commit(partial(active_cache.forget, kind.slug), robust=True)


def facts(version: PromptVersion) -> dict[str, Any]:
    """What each audit entry of a version tells of it."""
    return {
        "prompt_type": version.prompt_type_id,
        "version_number": version.version_number,
        "template_sha256": version.template_sha256,
        "model": version.model,
    }
