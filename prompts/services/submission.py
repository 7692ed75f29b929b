"""Accepting, cancelling and replaying requests. What is accepted here is run, or its failure is visible."""

from __future__ import annotations

from dataclasses import dataclass, field
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
from prompts.models import PromptAttempt, PromptRequest, PromptType, PromptVersion
from prompts.models.prompt_attempt import Outcome
from prompts.models.prompt_request import MAX_PROMPT_BYTES, UNFINISHED, Status
from prompts.services import active, statistics
from prompts.services.active import ActiveVersion
from prompts.services.inputs import check_options, check_size, is_storable, render_strictly, resolve_model


class Submitter(Protocol):
    """Whoever asks: a saved user."""

    pk: Any


@transaction.atomic
def submit(
    *,
    user: Submitter,
    prompt_type: str,
    prompt_text: str | None = None,
    variables: dict[str, str] | None = None,
    version_number: int | None = None,
    model: str = "",
    purpose: str = "",
    parameters: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    run_at: datetime | None = None,
    idempotency_key: str = "",
    replay_of: PromptRequest | None = None,
    is_sandbox: bool = False,
) -> PromptRequest:
    """Store a request and, once that is committed, have it run.

    The text is `prompt_text`, or the active version's template, or that of `version_number`, with `variables`
    filled in. An empty `model` means the version's, then the type's default, then the installation's.
    `parameters` complete the version's and the type's defaults, but stand alone for a replay. `run_at` defers
    the first attempt. The answer of a sandbox request becomes its version's last test result. Returns the
    stored request, pending.
    Raises InvalidInput for what can't be accepted, NoActiveVersion where there is nothing to render, and
    TooManyUnfinished over the user's limit.
    """
    kind = _active_type(prompt_type)
    source = _source(kind, prompt_text, variables, version_number, replay_of)
    alias, model = resolve_model(model or source.model or kind.default_model)
    options = ({} if replay_of else kind.default_parameters | source.parameters) | (parameters or {})
    _check_text(source.text)
    check_options(options, alias=alias)
    check_size(metadata or {}, field="metadata")
    _check_limit(user)
    request = PromptRequest(
        user_id=user.pk,
        prompt_type=kind,
        model=model,
        version=source.version,
        variables=source.variables,
        is_sandbox=is_sandbox,
        prompt_text=source.text,
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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a request's text comes from, and what its version asks for."""

    text: str
    version: PromptVersion | None = None
    variables: dict[str, str] | None = None
    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


def _source(
    kind: PromptType,
    text: str | None,
    variables: dict[str, str] | None,
    number: int | None,
    replay_of: PromptRequest | None,
) -> _Source:
    if replay_of is not None:
        return _Source(replay_of.prompt_text, replay_of.version, replay_of.variables)
    if (text is None) == (variables is None):
        raise InvalidInput.on("prompt_text", _("Give either prompt_text or variables."))
    if text is not None:
        if number is not None:
            raise InvalidInput.on("version_number", _("A version is used with variables, not with prompt_text."))
        return _Source(text)
    return _rendered(active.read(kind.slug) if number is None else active.pinned(kind.slug, number), variables or {})


def _rendered(version: ActiveVersion, variables: dict[str, str]) -> _Source:
    text = render_strictly(version.template, variables)
    return _Source(text, _reference(version), variables, version.model, version.parameters)


def _reference(version: ActiveVersion) -> PromptVersion:
    """To point at and to show, without reading the row again."""
    return PromptVersion(
        id=version.version_id,
        prompt_type_id=version.prompt_type,
        version_number=version.version_number,
        template_sha256=version.template_sha256,
    )


def replay(original: PromptRequest, *, user: Submitter, model: str = "", idempotency_key: str = "") -> PromptRequest:
    """Send the same input again as a new request, linked by `replay_of`; `model` may name another one.

    Raises what `submit` raises.
    """
    return submit(
        user=user,
        prompt_type=original.prompt_type_id,
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
