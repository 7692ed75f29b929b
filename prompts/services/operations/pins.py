"""Models that are named somewhere and can't be asked any more."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services.inputs import resolve_model

_COLUMNS = ("prompt_type", "version_number", "model")


@dataclass(frozen=True, slots=True)
class BrokenPin:
    """An active version, or a type by its default, that names a `model` which can't be asked.

    Either its provider is not configured, or the installation doesn't allow the model.
    """

    kind: PromptType
    version: PromptVersion | None
    model: str
    is_configured: bool

    @property
    def provider(self) -> str:
        """The alias that the model begins with."""
        return self.model.partition("/")[0]


def broken_pins() -> list[BrokenPin]:
    """What requests of active types would be refused for now. Two queries."""
    kinds = {kind.slug: kind for kind in PromptType.objects.filter(is_active=True)}
    active = PromptVersion.objects.filter(is_active=True, prompt_type__in=list(kinds)).exclude(model="")
    named = [(kinds[version.prompt_type_id], version, version.model) for version in active.only(*_COLUMNS)]
    defaults = [(kind, None, kind.default_model) for kind in kinds.values() if kind.default_model]
    return [
        BrokenPin(kind, version, model, model.partition("/")[0] in settings.LLM_PROVIDERS)
        for kind, version, model in [*named, *defaults]
        if not _is_known(model)
    ]


def _is_known(model: str) -> bool:
    try:
        resolve_model(model)
    except InvalidInput:
        return False
    return True
