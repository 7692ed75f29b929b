"""Adding, changing and removing prompt types. Each is one transaction and one audit row."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from audit import changes, log
from audit.log import Actor
from prompts import rendering
from prompts.exceptions import Conflict, InvalidInput, NotFound
from prompts.models import PromptType
from prompts.services.inputs import check_options, resolve_model

CREATED = "prompt_type.created"
CHANGED = "prompt_type.changed"
DELETED = "prompt_type.deleted"
MOST_PLACEHOLDERS = 20
PLACEHOLDER = re.compile(rendering.NAME_PATTERN)
COLUMNS = (
    *("slug", "label", "description", "default_model", "default_parameters", "is_active"),
    *("required_placeholders", "max_template_length", "requires_review"),
    *("keep_texts_days", "keep_facts_days"),
)


@transaction.atomic
def create_type(*, slug: str, label: str, actor: Actor | None, **values: Any) -> PromptType:
    """Store a new type; `values` are further columns. Raises InvalidInput, also for a slug that is taken."""
    kind = PromptType(slug=slug, label=label, **values)
    _check(kind)
    try:
        with transaction.atomic():
            kind.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidInput.on("slug", _("There is already a type “%(slug)s”.") % {"slug": slug}) from error
    log.append(CREATED, actor=actor, target=kind, details=_facts(kind))
    return kind


@transaction.atomic
def change_type(slug: str, *, actor: Actor | None, **values: Any) -> PromptType:
    """Change columns of a type; requests that were sent before keep what they were sent with.

    Values that the type has already are no change, and with nothing changed nothing is written.
    Raises NotFound and InvalidInput. The slug is no column that can be changed.
    """
    kind = _locked(slug)
    before = {name: getattr(kind, name) for name in values}
    for name, value in values.items():
        setattr(kind, name, value)
    _check(kind)
    changed = changes.differences(before, {name: getattr(kind, name) for name in values})
    if changed:
        kind.save(update_fields=[*changed, "updated_at"])
        log.append(CHANGED, actor=actor, target=kind, details={"prompt_type": slug, "changes": changed})
    return kind


@transaction.atomic
def delete_type(slug: str, *, actor: Actor | None) -> None:
    """Remove a type that nothing was ever made of. Raises NotFound, and Conflict for one with versions or requests."""
    # Against new requests too, which a lock that leaves the key alone would let in.
    kind = _locked(slug, no_key=False)
    log.append(DELETED, actor=actor, target=kind, details=_facts(kind))
    try:
        kind.delete()
    except ProtectedError as error:
        raise Conflict(_("The type “%(slug)s” is in use; make it inactive instead.") % {"slug": slug}) from error


def _locked(slug: str, *, no_key: bool = True) -> PromptType:
    kind = PromptType.objects.select_for_update(no_key=no_key).filter(slug=slug).first()
    if kind is None:
        raise NotFound(_("There is no prompt type “%(slug)s”.") % {"slug": slug})
    return kind


def _facts(kind: PromptType) -> dict[str, Any]:
    return {name: changes.plain(getattr(kind, name)) for name in COLUMNS}


def _check(kind: PromptType) -> None:
    check_placeholders(kind.required_placeholders)
    try:
        kind.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        errors = error.message_dict
        message = " ".join(f"{name}: {text}" for name, texts in errors.items() for text in texts)
        raise InvalidInput(message, errors=errors) from error
    check_terms(kind.keep_texts_days, kind.keep_facts_days)
    alias = ""
    if kind.default_model:
        alias, kind.default_model = resolve_model(kind.default_model, field="default_model")
    check_options(kind.default_parameters, alias=alias, field="default_parameters")


def check_terms(texts: int | None, facts: int | None) -> None:
    """Raise InvalidInput on `keep_texts_days` for texts that would be kept longer than what tells of them."""
    if texts is not None and facts is not None and texts > facts:
        raise InvalidInput.on("keep_texts_days", _("Texts can't be kept longer than facts."))


def check_placeholders(names: Any) -> None:
    """Raise InvalidInput on `required_placeholders` for what can't be the placeholders that a type requires."""
    field = "required_placeholders"
    if not isinstance(names, list) or len(names) > MOST_PLACEHOLDERS:
        raise InvalidInput.on(field, _("Name at most %(limit)d placeholders.") % {"limit": MOST_PLACEHOLDERS})
    if wrong := [name for name in names if not (isinstance(name, str) and PLACEHOLDER.fullmatch(name))]:
        shown = {"name": str(wrong[0])[:64]}
        raise InvalidInput.on(field, _("“%(name)s” can't be the name of a placeholder.") % shown)
    if len(set(names)) < len(names):
        raise InvalidInput.on(field, _("Name each placeholder once."))
