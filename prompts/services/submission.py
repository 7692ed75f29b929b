"""Accepting, cancelling and replaying requests. What is accepted here is run, or its failure is visible."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from prompts import publisher
from prompts.exceptions import Conflict, InvalidInput, NotFound, TooManyUnfinished
from prompts.models import PromptAttempt, PromptRequest, PromptType
from prompts.models.prompt_attempt import Outcome
from prompts.models.prompt_request import MAX_PROMPT_BYTES, UNFINISHED, Status
from prompts.services import statistics
from prompts.services.inputs import check_options, check_size, is_storable, resolve_model


class Submitter(Protocol):
    """Whoever asks: a saved user."""

    pk: Any


@transaction.atomic
def submit(
    *,
    user: Submitter,
    prompt_type: str,
    prompt_text: str,
    model: str = "",
    purpose: str = "",
    parameters: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    run_at: datetime | None = None,
    idempotency_key: str = "",
    replay_of: PromptRequest | None = None,
) -> PromptRequest:
    """Store a request and, once that is committed, have it run.

    An empty `model` means the type's default, then the installation's. `parameters` complete the type's
    defaults, but stand alone for a replay. `run_at` defers the first attempt. Returns the stored
    request, pending.
    Raises InvalidInput for what can't be accepted and TooManyUnfinished over the user's limit.
    """
    kind = _active_type(prompt_type)
    alias, model = resolve_model(model or kind.default_model)
    options = ({} if replay_of else kind.default_parameters) | (parameters or {})
    _check_text(prompt_text)
    check_options(options, alias=alias)
    check_size(metadata or {}, field="metadata")
    _check_limit(user)
    request = PromptRequest(
        user_id=user.pk,
        prompt_type=kind,
        model=model,
        prompt_text=prompt_text,
        purpose=purpose,
        parameters=options,
        metadata=metadata or {},
        run_at=run_at,
        idempotency_key=idempotency_key,
        replay_of=replay_of,
    )
    # A time that has passed must not jump the queue, nor look like a request that waits since then.
    if run_at is not None and run_at > timezone.now():
        request.next_attempt_at = run_at
    request.save(force_insert=True)
    # Robust: what is stored is accepted, even where the process can start no thread any more.
    transaction.on_commit(publisher.announce, robust=True)
    return request


@transaction.atomic
def cancel(request_id: UUID) -> PromptRequest:
    """End an unfinished request without an answer. A call under way is fenced out and its result dropped.

    Raises NotFound, and Conflict when the request has already finished.
    """
    request = PromptRequest.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no request %(id)s.") % {"id": request_id})
    if request.is_finished:
        raise Conflict(_("The request is already %(status)s.") % {"status": request.get_status_display()})
    PromptRequest.objects.filter(pk=request_id).update(
        status=Status.CANCELLED,
        lease_token=F("lease_token") + 1,
        lease_expires_at=None,
        leased_by="",
        finished_at=Now(),
    )
    PromptAttempt.objects.filter(request_id=request_id, outcome="").update(
        outcome=Outcome.SUPERSEDED, ended_at=Now(), may_be_billed=True
    )
    statistics.count([statistics.Ended.without_answer(request, Status.CANCELLED)])
    request.refresh_from_db()
    return request


def replay(original: PromptRequest, *, user: Submitter, model: str = "", idempotency_key: str = "") -> PromptRequest:
    """Send the same input again as a new request, linked by `replay_of`; `model` may name another one.

    Raises what `submit` raises.
    """
    return submit(
        user=user,
        prompt_type=original.prompt_type_id,
        prompt_text=original.prompt_text,
        model=model or original.model,
        purpose=original.purpose,
        parameters=original.parameters,
        metadata=original.metadata,
        idempotency_key=idempotency_key,
        replay_of=original,
    )


def _active_type(slug: str) -> PromptType:
    kind = PromptType.objects.filter(slug=slug, is_active=True).first()
    if kind is not None:
        return kind
    known = ", ".join(PromptType.objects.filter(is_active=True).values_list("slug", flat=True))
    raise InvalidInput.on(
        "prompt_type",
        _("There is no prompt type “%(slug)s”. There are: %(known)s.") % {"slug": slug, "known": known},
    )


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidInput.on("prompt_text", _("The prompt text must not be empty."))
    if not is_storable(text):
        raise InvalidInput.on("prompt_text", _("The prompt text must not contain NUL or lone surrogate characters."))
    if len(text.encode()) > MAX_PROMPT_BYTES:
        raise InvalidInput.on("prompt_text", _("The prompt text must not be longer than 1 MB."))


def _check_limit(user: Submitter) -> None:
    """Under a lock of the user's own: simultaneous requests can't all slip in under the limit."""
    limit = settings.MAX_UNFINISHED_PER_USER
    if not limit:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('unfinished'), %s)", [user.pk])
    if PromptRequest.objects.filter(user_id=user.pk, status__in=UNFINISHED).count() >= limit:
        raise TooManyUnfinished(_("You may have at most %(limit)d unfinished requests at a time.") % {"limit": limit})
