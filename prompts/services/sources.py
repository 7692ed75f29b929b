"""Where the text of a request comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from django.utils.translation import gettext as _

from prompts import prepared
from prompts.active_version import Stamp
from prompts.exceptions import Conflict, InvalidInput
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.models.prompt_request import MAX_PROMPT_BYTES
from prompts.services import active
from prompts.services.active import ActiveVersion
from prompts.services.inputs import is_storable, render_strictly

_ABSENT = object()
#: What `UsableType.of_row` reads; `t` is the type, `v` its active version, if it has one.
TYPE_COLUMNS = "t.slug, t.default_model, t.default_parameters, t.active_epoch, v.id, v.activated_at, v.template_sha256"
TYPES = "prompt_types t LEFT JOIN prompt_versions v ON v.prompt_type = t.slug AND v.is_active"
_USABLE = f"SELECT {TYPE_COLUMNS} FROM {TYPES} WHERE t.slug = %s AND t.is_active"  # noqa: S608


class Kind(Protocol):
    """What of a type is needed to store a request."""

    @property
    def slug(self) -> str:
        """Its name."""

    @property
    def default_model(self) -> str:
        """Empty: the installation's."""


@dataclass(frozen=True, slots=True)
class UsableType:
    """A type that takes requests, and in `stamp` what was active in the same instant."""

    slug: str
    default_model: str
    default_parameters: dict[str, Any]
    stamp: Stamp | None

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> UsableType:
        """From the values of `TYPE_COLUMNS`."""
        slug, model, parameters, *stamp = row
        return cls(slug, model, json.loads(parameters), Stamp(*stamp) if stamp[1] else None)


@dataclass(frozen=True, slots=True)
class Source:
    """A request's text, what it was made of, and what its version asks for. A text that is awaited is None."""

    text: str | None
    version: PromptVersion | None = None
    variables: dict[str, str] | None = None
    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    field_schema: dict[str, Any] | None = None


def given(text: str) -> Source:
    """A text that is sent ready. Raises InvalidInput on `prompt_text`."""
    check_text(text)
    return Source(text)


def repeated(original: PromptRequest) -> Source:
    """The text of an earlier request."""
    check_text(original.prompt_text)
    return Source(original.prompt_text, original.version, original.variables)


def refuse_erased(original: PromptRequest) -> None:
    """Raise Conflict for an earlier request whose text is gone."""
    if original.texts_erased_at is not None:
        raise Conflict(_("The text of this request was erased, so it can't be sent again."))


def asked_for(original: PromptRequest, kind: UsableType) -> dict[str, Any]:
    """The parameters of an earlier request that it had neither from its type nor from its version."""
    versions = PromptVersion.objects.filter(pk__in=[original.version_id]).only("parameters", "field_schema")
    version = versions.first() if original.version_id else None
    defaults = kind.default_parameters | (version.parameters if version else {})
    if version and version.field_schema:
        defaults.setdefault("json_schema", version.field_schema)
    return {name: value for name, value in original.parameters.items() if defaults.get(name, _ABSENT) != value}


def rendered(version: ActiveVersion, variables: dict[str, str]) -> Source:
    """A version's template, filled in. Raises InvalidInput on `variables` or `prompt_text`."""
    text = render_strictly(version.template, variables)
    check_text(text)
    return Source(text, _reference(version), variables, version.model, version.parameters, version.field_schema)


def awaited(version: ActiveVersion) -> Source:
    """A version's template whose variables come later (prompts/services/awaited.py)."""
    return Source(None, _reference(version), None, version.model, version.parameters, version.field_schema)


def usable_type(slug: str) -> UsableType:
    """The type of that slug, with its stamp, in one short statement. Raises what `active_type` raises."""
    row = prepared.row(_USABLE, (slug,))
    return UsableType.of_row(row) if row else _refuse_type(slug)


def active_type(slug: str) -> PromptType:
    """The type of that slug. Raises InvalidInput on `prompt_type` with those that there are, the inactive left out."""
    return PromptType.objects.filter(slug=slug, is_active=True).first() or _refuse_type(slug)


def _refuse_type(slug: str) -> NoReturn:
    known = ", ".join(PromptType.objects.filter(is_active=True).values_list("slug", flat=True))
    raise InvalidInput.on(
        "prompt_type",
        _("There is no prompt type “%(slug)s”. There are: %(known)s.") % {"slug": slug[:64], "known": known},
    )


def version_of(kind: Kind, number: int | None, *, even_deleted: bool = False) -> ActiveVersion:
    """The active version, or the one of that number. Raises NoActiveVersion, or InvalidInput on `version_number`."""
    if number is not None:
        return active.pinned(kind.slug, number, even_deleted=even_deleted)
    return active.read_under(kind.slug, kind.stamp) if isinstance(kind, UsableType) else active.read(kind.slug)


def check_text(text: str) -> None:
    """Raise InvalidInput on `prompt_text` for a text that can't be sent."""
    if not text.strip():
        raise InvalidInput.on("prompt_text", _("The prompt text must not be empty."))
    if not is_storable(text):
        raise InvalidInput.on("prompt_text", _("The prompt text must not contain NUL or lone surrogate characters."))
    if len(text.encode()) > MAX_PROMPT_BYTES:
        raise InvalidInput.on("prompt_text", _("The prompt text must not be longer than 1 MB."))


def _reference(version: ActiveVersion) -> PromptVersion:
    """To point at and to show, without reading the row again."""
    return PromptVersion(
        id=version.version_id,
        prompt_type_id=version.prompt_type,
        version_number=version.version_number,
        template_sha256=version.template_sha256,
    )
