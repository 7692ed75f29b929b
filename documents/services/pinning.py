"""What a batch is pinned to at its start, checked before its first request would be refused."""

from __future__ import annotations

from dataclasses import dataclass

from prompts.active_version import ActiveVersion
from prompts.exceptions import InvalidInput
from prompts.services import sources
from prompts.services.inputs import check_options, render_strictly, resolve_model
from prompts.services.placeholders import text_placeholder


@dataclass(frozen=True, slots=True)
class Pinned:
    """A version, the full name of the model that is asked, and the placeholder that a document's text fills."""

    version: ActiveVersion
    model: str
    placeholder: str


def pin(prompt_type: str, version_number: int | None, *, model: str = "", fallback: str = "") -> Pinned:
    """Fix type, version and model; without a number it is the version that is active now.

    The model is `model`, or the version's, or `fallback`, or the type's, or the installation's. Raises NoActiveVersion,
    and InvalidInput on `prompt_type`, `version_number`, `model` or `parameters`.
    """
    kind = sources.active_type(prompt_type)
    version = sources.version_of(kind, version_number)
    alias, name = resolve_model(model or version.model or fallback or kind.default_model)
    check_options(kind.default_parameters | version.parameters, alias=alias)
    placeholder = text_placeholder(version, field="version_number")
    _check_alone(version, placeholder)
    return Pinned(version, name, placeholder)


def _check_alone(version: ActiveVersion, placeholder: str) -> None:
    """A document fills one placeholder; a template with others could never be sent."""
    try:
        render_strictly(version.template, {placeholder: "-"})
    except InvalidInput as error:
        raise InvalidInput.on("version_number", error.message) from error
