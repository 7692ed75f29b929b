"""Which placeholder of a template a text fills that comes without a name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from prompts import rendering
from prompts.active_version import ActiveVersion
from prompts.exceptions import InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services.inputs import in_braces


def text_placeholder(version: PromptVersion | ActiveVersion, field: str = "text") -> str:
    """The template's only placeholder, or the only one that its type requires. Raises InvalidInput on `field`."""
    names = rendering.placeholders(version.template)
    required = PromptType.objects.values_list("required_placeholders", flat=True).get(slug=_type_of(version))
    for candidates in (names, required):
        if len(candidates) == 1:
            return candidates[0]
    if not names:
        raise InvalidInput.on(field, _("The template has no placeholder for a text."))
    raise InvalidInput.on(
        field,
        _("The template has more than one placeholder; give variables with: %(placeholders)s.")
        % {"placeholders": in_braces(names)},
    )


def _type_of(version: PromptVersion | ActiveVersion) -> str:
    return version.prompt_type if isinstance(version, ActiveVersion) else version.prompt_type_id
