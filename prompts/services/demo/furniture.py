"""The accounts, types and versions that invented requests are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from prompts.exceptions import Conflict
from prompts.models import PromptType, PromptVersion
from prompts.rendering import Placeholder, parse
from prompts.services import lifecycle, types
from prompts.services.demo.texts import FIELDS, KINDS, PEOPLE, Kind
from providers import registry

#: Of a type's versions the newer ones are used more often.
SHARES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Line:
    """A version to invent requests of, and what stands in its template before the one placeholder."""

    kind: Kind
    version_id: int
    lead: str


@transaction.atomic
def people() -> list[int]:
    """The ids of the accounts, which nobody can sign in with. Raises Conflict where such an account is somebody's."""
    users = get_user_model()._default_manager
    found = {user.get_username(): user for user in users.filter(username__in=PEOPLE)}
    if taken := [name for name, user in found.items() if user.is_active or user.has_usable_password()]:
        raise Conflict(_("There is an account “%(name)s” that somebody uses.") % {"name": taken[0]})
    made = [users.create_user(name, is_active=False) for name in PEOPLE if name not in found]
    return sorted(user.pk for user in [*found.values(), *made])


def lines() -> list[Line]:
    """The versions, each as often as it shall be used; what isn't there yet is made."""
    return [line for kind in KINDS for line in _lines(kind)]


def _lines(kind: Kind) -> Iterator[Line]:
    if not PromptType.objects.filter(slug=kind.slug).exists():
        _make(kind)
    versions = PromptVersion.objects.filter(prompt_type__slug=kind.slug, deleted_at=None).order_by("version_number")
    usable = [line for version in versions if (line := _line(kind, version))]
    for line, share in zip(usable, SHARES, strict=False):
        yield from [line] * share * kind.weight


@transaction.atomic
def _make(kind: Kind) -> None:
    """The type with its versions, of which the last is active."""
    author = get_user_model()._default_manager.get(username=PEOPLE[0])
    types.create_type(slug=kind.slug, label=kind.label, actor=author, default_model=_model())
    for number, template in enumerate(kind.templates, start=1):
        lifecycle.create_version(
            prompt_type=kind.slug, template=template, actor=author, field_schema=FIELDS if kind.is_json else None
        )
        lifecycle.activate_version(kind.slug, number, actor=author)


def _model() -> str:
    """The simulator, so that trying out costs nothing; where it is switched off, the installation's own choice."""
    names = {model.name for model in registry.available_models()}
    return registry.SIMULATED_MODEL if registry.SIMULATED_MODEL in names else ""


def _line(kind: Kind, version: PromptVersion) -> Line | None:
    """None for a template that somebody made since, of another shape."""
    pieces = list(parse(version.template))
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if pieces[-1] != Placeholder("input") or len(pieces) != len(texts) + 1:
        return None
    return Line(kind, version.pk, "".join(texts))
