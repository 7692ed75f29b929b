"""Adding and changing prompt types."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput, NotFound
from prompts.models import PromptType
from prompts.services.inputs import check_options, resolve_model


@transaction.atomic
def create_type(*, slug: str, label: str, **values: Any) -> PromptType:
    """Store a new type; `values` are further columns. Raises InvalidInput, also for a slug that is taken."""
    kind = PromptType(slug=slug, label=label, **values)
    _check(kind)
    try:
        with transaction.atomic():
            kind.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidInput.on("slug", _("There is already a type “%(slug)s”.") % {"slug": slug}) from error
    return kind


@transaction.atomic
def change_type(slug: str, **changes: Any) -> PromptType:
    """Change columns of a type; requests that were sent before keep what they were sent with.

    Raises NotFound and InvalidInput. The slug is no column that can be changed.
    """
    kind = PromptType.objects.select_for_update().filter(slug=slug).first()
    if kind is None:
        raise NotFound(_("There is no prompt type “%(slug)s”.") % {"slug": slug})
    for name, value in changes.items():
        setattr(kind, name, value)
    _check(kind)
    if changes:
        kind.save(update_fields=[*changes, "updated_at"])
    return kind


def _check(kind: PromptType) -> None:
    try:
        kind.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        errors = error.message_dict
        message = " ".join(f"{name}: {text}" for name, texts in errors.items() for text in texts)
        raise InvalidInput(message, errors=errors) from error
    alias = ""
    if kind.default_model:
        alias, kind.default_model = resolve_model(kind.default_model, field="default_model")
    check_options(kind.default_parameters, alias=alias, field="default_parameters")
