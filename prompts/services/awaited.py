"""The text that a stored request waits for: it comes, once, or it turns out that it never will."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from prompts import answers, publisher
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import sources, statistics, testing
from prompts.services.testing import SandboxResult

INVALID = "invalid_input"


@transaction.atomic
def provide(request_id: UUID, variables: dict[str, str]) -> bool:
    """Fill in the version's template and have the request run. What can't be rendered or sent ends the request.

    Returns False where nothing waits any more: it was cancelled, or has its text already.
    """
    request = _waiting(request_id)
    if request is None or request.version is None:
        return False
    version = sources.version_of(request.prompt_type, request.version.version_number, even_deleted=True)
    try:
        source = sources.rendered(version, variables)
    except InvalidInput as error:
        _fail(request, INVALID, str(error))
        return True
    PromptRequest.objects.filter(pk=request_id).update(
        awaits_text=False, prompt_text=source.text, variables=variables, next_attempt_at=Now()
    )
    transaction.on_commit(publisher.announce, robust=True)
    return True


@transaction.atomic
def refuse(request_id: UUID, error_class: str, message: str) -> bool:
    """End a request whose text will never come. Returns False where nothing waits any more."""
    request = _waiting(request_id)
    if request is None:
        return False
    _fail(request, error_class, message)
    return True


def _waiting(request_id: UUID) -> PromptRequest | None:
    rows = PromptRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("version", "prompt_type")
    return rows.filter(pk=request_id, awaits_text=True, status=Status.PENDING).first()


def _fail(request: PromptRequest, error_class: str, message: str) -> None:
    PromptRequest.objects.filter(pk=request.pk).update(
        status=Status.FAILED,
        error_class=error_class,
        error_message=message,
        lease_token=F("lease_token") + 1,
        finished_at=Now(),
    )
    statistics.count([statistics.Ended.without_answer(request, Status.FAILED, error_class)])
    if request.is_sandbox and request.version_id is not None:
        testing.keep([SandboxResult(request.version_id, answers.failure(error_class, message))])
