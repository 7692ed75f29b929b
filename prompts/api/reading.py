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

from prompts.exceptions import NotFound
from prompts.models import PromptAttempt, PromptRequest

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
ATTEMPT_TIMES = ("started_at", "ended_at")
_time = DateTimeField()


def find(request_id: UUID, requests: QuerySet[PromptRequest], *, reader: Any) -> PromptRequest:
    """The request of that id, if `reader` may see it: it is theirs, or they manage everything.

    Raises NotFound, the same for what isn't there and for what is somebody else's.
    """
    found = requests.filter(pk=request_id).first()
    if found is None or not (found.user_id == reader.pk or reader.has_perm("system.manage_all")):
        raise NotFound(_("There is no request %(id)s.") % {"id": request_id})
    return found


def shortened(requests: QuerySet[PromptRequest]) -> QuerySet[PromptRequest]:
    """With the beginning of each text only, in `prompt_text_start`: a page of whole ones could be 200 MB."""
    return requests.defer("prompt_text").annotate(prompt_text_start=Left("prompt_text", SHORT_TEXT_CHARACTERS))


def with_response_and_attempts() -> QuerySet[PromptRequest]:
    """Requests with user and response joined, and their attempts gathered in `attempt_rows`."""
    attempts = PromptAttempt.objects.filter(request=OuterRef("pk")).order_by("number")
    rows = ArraySubquery(attempts.values(row=JSONObject(**{name: name for name in ATTEMPT_FIELDS})))
    return PromptRequest.objects.select_related("user", "response").annotate(attempt_rows=rows)


def present_attempts(request: PromptRequest) -> list[dict[str, Any]]:
    """The gathered attempts as the API shows them: PostgreSQL writes times in JSON in a form of its own."""
    rows: list[dict[str, Any]] = request.attempt_rows  # type: ignore[attr-defined]
    return [row | {name: _present_time(row[name]) for name in ATTEMPT_TIMES} for row in rows]


def _present_time(text: str | None) -> str | None:
    if text is None:
        return None
    shown: str | None = _time.to_representation(datetime.fromisoformat(text))
    return shown
