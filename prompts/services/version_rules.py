"""What a version of a prompt type can be."""

from __future__ import annotations

from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.models.prompt_version import MAX_NOTE_LENGTH
from prompts.services.inputs import (
    check_options,
    check_schema,
    check_template,
    in_braces,
    is_storable,
    resolve_model,
)


def check_version(version: PromptVersion, kind: PromptType) -> None:
    """Raise InvalidInput for what a version of this type can't be."""
    _check_length(version.template, kind.max_template_length)
    names = check_template(version.template)
    if missing := [name for name in kind.required_placeholders if name not in names]:
        raise _missing_placeholders(missing)
    check_note(version.manual_note)
    check_schema(version.field_schema)
    alias = ""
    if version.model:
        alias, version.model = resolve_model(version.model)
    check_options(version.parameters, alias=alias)


def _check_length(template: str, limit: int) -> None:
    if not template.strip():
        raise InvalidInput.on("template", _("The template must not be empty."))
    if not is_storable(template):
        raise InvalidInput.on("template", _("The template must not contain NUL or lone surrogate characters."))
    if len(template) > limit:
        raise InvalidInput.on(
            "template",
            _("The template has %(length)d characters; at most %(limit)d are allowed.")
            % {"length": len(template), "limit": limit},
        )


def _missing_placeholders(names: list[str]) -> InvalidInput:
    shown = {"placeholders": in_braces(names)}
    message = _("The template must have the %(placeholders)s placeholder") % shown
    advice = _("Add %(placeholders)s to the template before you save it") % shown
    return InvalidInput(message, errors={"template": [message]}, user_message=advice, recovery_action=advice)


def check_note(note: str | None) -> None:
    """Raise InvalidInput on `manualNote` for a note that is too long or can't be stored."""
    if note is None:
        return
    if len(note) > MAX_NOTE_LENGTH:
        raise InvalidInput.on("manualNote", _("A note has at most %(limit)d characters.") % {"limit": MAX_NOTE_LENGTH})
    if not is_storable(note):
        raise InvalidInput.on("manualNote", _("A note must not contain NUL or lone surrogate characters."))
