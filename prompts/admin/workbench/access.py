"""Which type, and which of its versions, somebody works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from prompts.models import PromptType, PromptVersion

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Bench:
    """A type, its active version and the version in the editor, where there are such."""

    kind: PromptType
    active: PromptVersion | None
    loaded: PromptVersion | None


def find_kind(request: HttpRequest, identifier: int, power: Callable[[Any], bool]) -> PromptType:
    """The type, for who has `power` (prompts/powers.py). Raises PermissionDenied and Http404."""
    if not power(request.user):
        raise PermissionDenied
    # A key that is longer than the column matches nothing; Django sees to that.
    kind = PromptType.objects.filter(pk=identifier).first()
    if kind is None:
        raise Http404
    return kind


def number_in(text: str) -> int | None:
    """The number of a version that `text` is, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def find_version(kind: PromptType, text: str) -> PromptVersion | None:
    """The version of the type whose number `text` is, a deleted one too, with all its columns."""
    number = number_in(text)
    return None if number is None else kind.versions.filter(version_number=number).first()


def loaded_version(request: HttpRequest, kind: PromptType, active: PromptVersion | None) -> PromptVersion | None:
    """The version that the address names, else the active one, else the newest; None where there is none at all.

    Raises Http404 where the address names one that isn't there.
    """
    if (text := request.GET.get("version")) is None:
        return active or kind.versions.filter(deleted_at=None).order_by("-version_number").first()
    return _named(kind, text, active)


def compared_version(request: HttpRequest, kind: PromptType, active: PromptVersion | None) -> PromptVersion | None:
    """The version that the address says to compare with, if it says so. Raises Http404."""
    text = request.GET.get("against")
    return None if text is None else _named(kind, text, active)


def _named(kind: PromptType, text: str, active: PromptVersion | None) -> PromptVersion:
    if active is not None and number_in(text) == active.version_number:
        return active
    version = find_version(kind, text)
    if version is None:
        raise Http404
    return version
