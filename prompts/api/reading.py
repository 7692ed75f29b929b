"""Reads for the API: what a view shows, in one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject, Left
from django.utils.translation import gettext as _
from rest_framework.fields import DateTimeField

from prompts import powers
from prompts.exceptions import NotFound
from prompts.models import PromptAttempt, PromptRequest, PromptVersion
from prompts.services import lifecycle
from prompts.services.inputs import is_storable

#: Every column that a request is shown with, but for its texts and who asked.
FACTS = (
    *("id", "model", "prompt_type_id", "version_id", "version__version_number", "version__template_sha256"),
    *("is_sandbox", "purpose", "status", "created_at", "parameters", "metadata", "run_at", "replay_of_id", "simulated"),
    *("attempt_count", "started_at", "finished_at", "texts_erased_at", "error_class", "error_message"),
)
SHORT = (*FACTS, "prompt_text_start")
ATTEMPT_FIELDS = (
    "number",
    "worker",
    "started_at",
    "ended_at",
    "outcome",
    "error_class",
    "error_message",
    "http_status",
    "provider_request_id",
    "may_be_billed",
)
SHORT_TEXT_CHARACTERS = 2000
#: A request shows no more of its version; a template can have 100,000 characters.
VERSION_FIELDS = {"id", "version_number", "template_sha256"}
UNREAD_OF_VERSION = [
    f"version__{field.name}" for field in PromptVersion._meta.concrete_fields if field.name not in VERSION_FIELDS
]
ATTEMPT_TIMES = ("started_at", "ended_at")
_time = DateTimeField()


def find(request_id: UUID, rows: QuerySet[PromptRequest], *, reader: Any) -> PromptRequest:
    """The request of that id, if `reader` may see it: it is theirs, or they manage everything.

    Raises NotFound, the same for what isn't there and for what is somebody else's.
    """
    found = rows.filter(pk=request_id).first()
    if found is None or not (found.user_id == reader.pk or powers.manages_all(reader)):
        raise NotFound(_("There is no request %(id)s.") % {"id": request_id})
    return found


def requests() -> QuerySet[PromptRequest]:
    """Requests with user and version joined, of the latter what is shown. A deleted version is there as any other."""
    return PromptRequest.objects.select_related("user", "version").defer(*UNREAD_OF_VERSION)


def versions_of(prompt_type: str) -> QuerySet[PromptVersion]:
    """The versions that are not deleted, newest number first; none where there is no such type."""
    versions = PromptVersion.objects.filter(prompt_type__slug=prompt_type, deleted_at=None).order_by("-version_number")
    return versions if is_storable(prompt_type) else versions.none()


def find_version(prompt_type: str, number: int) -> PromptVersion:
    """The version of that number, unless it is deleted. Raises NotFound."""
    version = versions_of(prompt_type).filter(version_number=number).first()
    if version is None:
        raise lifecycle.not_found(prompt_type, number)
    return version


def shortened(rows: QuerySet[PromptRequest]) -> QuerySet[PromptRequest]:
    """With the beginning of each text only, in `prompt_text_start`: a page of whole ones could be 200 MB."""
    return rows.defer("prompt_text").annotate(prompt_text_start=Left("prompt_text", SHORT_TEXT_CHARACTERS))


def short_rows(rows: QuerySet[PromptRequest]) -> QuerySet[Any, Any]:
    """For `showing.short_row`: the columns of `shortened` and who asked, in named tuples.

    For a page of two hundred, 0.7 MB and 6 ms; as many models with their users and versions took 1.0 MB and 12 ms.
    """
    return columns(shortened(rows), (*SHORT, "user__username"), named=True)


def columns(rows: QuerySet[PromptRequest], names: tuple[str, ...], *, named: bool = False) -> QuerySet[Any, Any]:
    """Tuples of these columns only, in the order of `rows`."""
    return rows.select_related(None).defer(None).order_by(*rows.query.order_by).values_list(*names, named=named)


def with_response_and_attempts() -> QuerySet[PromptRequest]:
    """The same with their responses, and their attempts gathered in `attempt_rows`."""
    attempts = PromptAttempt.objects.filter(request=OuterRef("pk")).order_by("number")
    rows = ArraySubquery(attempts.values(row=JSONObject(**{name: name for name in ATTEMPT_FIELDS})))
    return requests().select_related("response").annotate(attempt_rows=rows)


def present_attempts(request: PromptRequest) -> list[dict[str, Any]]:
    """The gathered attempts as the API shows them: PostgreSQL writes times in JSON in a form of its own."""
    rows: list[dict[str, Any]] = request.attempt_rows  # type: ignore[attr-defined]
    return [row | {name: _present_time(row[name]) for name in ATTEMPT_TIMES} for row in rows]


def _present_time(text: str | None) -> str | None:
    if text is None:
        return None
    shown: str | None = _time.to_representation(datetime.fromisoformat(text))
    return shown
