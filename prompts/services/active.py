"""Reading the version of a type that is to be used: the active one, or a pinned one.

What is active is asked of PostgreSQL in each read, in one short statement; the content may come from a cache
(docs/decisions/0008-active-version-cache.md).
"""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

from django.utils.translation import gettext as _

from prompts import active_cache, prepared
from prompts.active_version import ActiveVersion, Stamp
from prompts.exceptions import DomainError, InvalidInput, NoActiveVersion, NotFound
from prompts.models import PromptVersion
from prompts.token_text import IS_LIVE_SQL, USE_NOTED_EVERY

__all__ = ["ActiveVersion", "ReadAs", "find", "pinned", "read", "read_as", "read_under", "read_with"]

_STAMP = """
    SELECT t.active_epoch, v.id, v.activated_at, v.template_sha256
    FROM prompt_types t LEFT JOIN prompt_versions v ON v.prompt_type = t.slug AND v.is_active
    WHERE t.slug = %s
"""
_STAMP_OF_READER = """
    SELECT t.active_epoch, v.id, v.activated_at, v.template_sha256, u.password
    FROM prompt_types t JOIN prompt_versions v ON v.prompt_type = t.slug AND v.is_active, users u
    WHERE t.slug = %s AND u.id = %s AND u.is_active
"""
_STAMP_OF_HOLDER = f"""
    SELECT t.active_epoch, v.id, v.activated_at, v.template_sha256, u.password
    FROM prompt_types t JOIN prompt_versions v ON v.prompt_type = t.slug AND v.is_active,
        api_tokens k JOIN users u ON u.id = k.user_id
    WHERE t.slug = %s AND {IS_LIVE_SQL}
"""  # noqa: S608


class ReadAs(NamedTuple):
    """The active version, and the password hash that the reader's account had in the same instant."""

    version: ActiveVersion
    password: str


def read(prompt_type: str) -> ActiveVersion:
    """The active version of a type, never one that was replaced before the call. Raises NoActiveVersion."""
    return _active(prompt_type, NoActiveVersion)


def read_under(prompt_type: str, stamp: Stamp | None) -> ActiveVersion:
    """The active version, whose stamp the caller has read for this very use. Raises NoActiveVersion."""
    version = _of_stamp(prompt_type, stamp) if stamp else None
    return version or _refuse(prompt_type, NoActiveVersion)


def find(prompt_type: str) -> ActiveVersion:
    """The same for showing it. Raises NotFound, which says whether the type or its active version is missing."""
    return _active(prompt_type, NotFound)


def read_as(user_id: int, prompt_type: str) -> ReadAs | None:
    """The same, and whose password must still be the one of the reader's token, in one round trip.

    None when there is no active account of that id, no such type, or no active version.
    """
    return _read_as(prompt_type, prepared.row_unchecked(_STAMP_OF_READER, (prompt_type, user_id)))


def read_with(token_digest: bytes, prompt_type: str) -> ReadAs | None:
    """The same for who holds the API token of this digest, in one round trip.

    None as well for a token that opens nothing, or whose use has to be noted again.
    """
    values = (prompt_type, token_digest, USE_NOTED_EVERY.total_seconds())
    return _read_as(prompt_type, prepared.row_unchecked(_STAMP_OF_HOLDER, values))


def _read_as(prompt_type: str, row: tuple[Any, ...] | None) -> ReadAs | None:
    version = row and _of_stamp(prompt_type, Stamp(*row[:4]))
    return ReadAs(version, row[4]) if row and version else None


def pinned(prompt_type: str, number: int, *, even_deleted: bool = False) -> ActiveVersion:
    """The version of that number, active or not; `even_deleted` for what began before it was deleted.

    Raises InvalidInput on `version_number`.
    """
    versions = _versions().filter(prompt_type_id=prompt_type, version_number=number)
    version = (versions if even_deleted else versions.filter(deleted_at=None)).first()
    if version is None:
        raise InvalidInput.on(
            "version_number",
            _("The prompt type “%(slug)s” has no version %(number)s.") % {"slug": prompt_type, "number": number},
        )
    return _shown(version)


def _active(prompt_type: str, refusal: type[DomainError]) -> ActiveVersion:
    row = prepared.row(_STAMP, (prompt_type,))
    if row is None:
        raise refusal(_("There is no prompt type “%(slug)s”.") % {"slug": prompt_type})
    version = _of_stamp(prompt_type, Stamp(*row)) if row[1] else None
    return version or _refuse(prompt_type, refusal)


def _refuse(prompt_type: str, refusal: type[DomainError]) -> NoReturn:
    raise refusal(_("The prompt type “%(slug)s” has no active version.") % {"slug": prompt_type})


def _of_stamp(prompt_type: str, stamp: Stamp) -> ActiveVersion | None:
    """From a cache or, with the stamp of the very same statement, from PostgreSQL."""
    return active_cache.get(prompt_type, stamp) or _load(prompt_type)


def _load(prompt_type: str) -> ActiveVersion | None:
    version = _versions().filter(prompt_type_id=prompt_type, is_active=True).first()
    if version is None:
        return None
    shown = _shown(version)
    active_cache.put(shown)
    return shown


def _versions() -> Any:
    return PromptVersion.objects.select_related("prompt_type").only(
        *(name for name in ActiveVersion.__slots__ if name not in {"version_id", "prompt_type", "epoch"}),
        "prompt_type__slug",
        "prompt_type__active_epoch",
    )


def _shown(version: PromptVersion) -> ActiveVersion:
    return ActiveVersion(
        prompt_type=version.prompt_type_id,
        version_id=version.pk,
        version_number=version.version_number,
        template=version.template,
        template_sha256=version.template_sha256,
        field_schema=version.field_schema,
        model=version.model,
        parameters=version.parameters,
        activated_at=version.activated_at,
        created_at=version.created_at,
        epoch=version.prompt_type.active_epoch,
    )
