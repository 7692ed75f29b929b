"""What a version of a prompt type can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

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
    """Raise InvalidInput with the first reason why this can't be a version of the type; complete its model's name."""
    for problem in problems(version, kind):
        raise problem


def problems(version: PromptVersion, kind: PromptType) -> Iterator[InvalidInput]:
    """Every reason why this can't be a version of the type, one a part of it. The model's name is completed."""
    for check in (_check_text, _check_note, _check_schema, _check_model, _check_parameters):
        try:
            check(version, kind)
        except InvalidInput as problem:
            yield problem


def _check_text(version: PromptVersion, kind: PromptType) -> None:
    _check_length(version.template, kind.max_template_length)
    names = check_template(version.template)
    if missing := [name for name in kind.required_placeholders if name not in names]:
        raise _missing_placeholders(missing)


def _check_note(version: PromptVersion, _kind: PromptType) -> None:
    check_note(version.manual_note)


def _check_schema(version: PromptVersion, _kind: PromptType) -> None:
    check_schema(version.field_schema)


def _check_model(version: PromptVersion, _kind: PromptType) -> None:
    if version.model:
        version.model = resolve_model(version.model)[1]


def _check_parameters(version: PromptVersion, _kind: PromptType) -> None:
    """Against what the model's vendor takes; against what anybody does while the model is none or not known."""
    alias = ""
    if version.model:
        with suppress(InvalidInput):
            alias = resolve_model(version.model)[0]
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
