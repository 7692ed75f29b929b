"""Accepting, cancelling and replaying requests. What is accepted here is run, or its failure is visible."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Protocol, TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from prompts import prepared, publisher
from prompts.exceptions import Conflict, InvalidInput, NotFound, TooManyUnfinished
from prompts.models import PromptAttempt, PromptRequest
from prompts.models.prompt_attempt import Outcome
from prompts.models.prompt_request import UNFINISHED, Status
from prompts.prepared import Condition
from prompts.services import sources, statistics
from prompts.services.inputs import check_options, check_size, resolve_model
from prompts.services.sources import Kind, Source, UsableType
from prompts.services.structured import with_schema


class Submitter(Protocol):
    """Whoever asks: a saved user."""

    @property
    def pk(self) -> Any:
        """The account's id."""


class Given(TypedDict, total=False):
    """What may be said of any request.

    An empty `model` means the version's, then the type's default, then the installation's. `parameters` complete
    the version's and the type's defaults. `run_at` defers the first attempt. The answer of a sandbox request
    becomes its version's last test result.
    """

    model: str
    purpose: str
    parameters: dict[str, Any] | None
    metadata: dict[str, Any] | None
    run_at: datetime | None
    idempotency_key: str
    replay_of: PromptRequest | None
    is_sandbox: bool


class ReplayOptions(TypedDict, total=False):
    """What a replay may change."""

    model: str
    version_number: int | None


def submit(
    *,
    user: Submitter,
    prompt_type: str | UsableType,
    prompt_text: str | None = None,
    variables: dict[str, str] | None = None,
    version_number: int | None = None,
    even_deleted: bool = False,
    only_if: Condition | None = None,
    **given: Unpack[Given],
) -> PromptRequest:
    """Store a request and, once that is committed, have it run.

    `prompt_type` is its slug, or what was read of it for this very call, or before and is to be stored `only_if` it is
    still so (prompts/services/admission.py): else this raises NoLonger. The text is `prompt_text`, or the active
    version's template, or that of `version_number`, with `variables` filled in; `even_deleted` lets what began with a
    version go on with it. Returns the stored request, pending. Raises InvalidInput for what can't be accepted,
    NoActiveVersion where there is nothing to render, and TooManyUnfinished over the user's limit.
    """
    kind = sources.usable_type(prompt_type) if isinstance(prompt_type, str) else prompt_type
    source = _source(kind, prompt_text, variables, version_number, even_deleted=even_deleted)
    with _one_transaction():
        return store(user, kind, source, kind.default_parameters | source.parameters, given, only_if)


@transaction.atomic
def submit_awaiting(
    *, user: Submitter, prompt_type: str, version_number: int | None, **given: Unpack[Given]
) -> PromptRequest:
    """Store a request whose variables come later, by `awaited.provide`; until then no worker takes it.

    Its version is fixed now. Raises what `submit` raises.
    """
    kind = sources.usable_type(prompt_type)
    source = sources.awaited(sources.version_of(kind, version_number))
    return store(user, kind, source, kind.default_parameters | source.parameters, given)


def store(
    user: Submitter,
    kind: Kind,
    source: Source,
    defaults: dict[str, Any],
    given: Given,
    only_if: Condition | None = None,
) -> PromptRequest:
    """Store a request for what `source` holds, in the caller's transaction; `defaults` are completed by `given`.

    Raises InvalidInput, TooManyUnfinished, and NoLonger where the condition doesn't hold.
    """
    alias, model = resolve_model(given.pop("model", "") or source.model or kind.default_model)
    options = defaults | (given.pop("parameters", None) or {})
    check_options(options, alias=alias)
    metadata = given.pop("metadata", None) or {}
    check_size(metadata, field="metadata")
    _check_limit(user)
    request = PromptRequest(
        user_id=user.pk,
        prompt_type_id=kind.slug,
        model=model,
        version=source.version,
        variables=source.variables,
        awaits_text=source.text is None,
        prompt_text=source.text or "",
        parameters=with_schema(options, source.field_schema, model),
        metadata=metadata,
        **given,
    )
    # A time that has passed must not jump the queue, nor look like a request that waits since then.
    if request.run_at is not None and request.run_at > timezone.now():
        request.next_attempt_at = request.run_at
    prepared.insert(request, only_if)
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


def _source(
    kind: UsableType,
    text: str | None,
    variables: dict[str, str] | None,
    number: int | None,
    *,
    even_deleted: bool,
) -> Source:
    if (text is None) == (variables is None):
        raise InvalidInput.on("prompt_text", _("Give either prompt_text or variables."))
    if variables is not None:
        return sources.rendered(sources.version_of(kind, number, even_deleted=even_deleted), variables)
    if number is not None:
        raise InvalidInput.on("version_number", _("A version is used with variables, not with prompt_text."))
    return sources.given(text or "")


@transaction.atomic
def replay(
    original: PromptRequest,
    *,
    user: Submitter,
    model: str = "",
    version_number: int | None = None,
    idempotency_key: str = "",
) -> PromptRequest:
    """Send the same input again as a new request, linked by `replay_of`; `model` may name another one.

    With `version_number` that version of its type is filled in with the original's variables: its model counts
    before the original's, and its parameters take the place of those that the original had from its own version.
    The try-out of a draft is replayed as one. Raises Conflict for an original that was erased, and what `submit`
    raises.
    """
    sources.refuse_erased(original)
    kind = sources.usable_type(original.prompt_type_id)
    source, defaults, parameters = _again(original, kind, version_number)
    given: Given = {
        "model": model or source.model or original.model,
        "purpose": original.purpose,
        "parameters": parameters,
        "metadata": original.metadata,
        "idempotency_key": idempotency_key,
        "replay_of": original,
        "is_sandbox": original.is_sandbox and source.version is None,
    }
    return store(user, kind, source, defaults, given)


def _again(
    original: PromptRequest, kind: UsableType, number: int | None
) -> tuple[Source, dict[str, Any], dict[str, Any]]:
    """The source of a replay, its defaults, and the parameters that complete them."""
    if number is None:
        return sources.repeated(original), {}, original.parameters
    if original.variables is None:
        problem = _("This request was sent as a finished text: there is nothing to fill another version in with.")
        raise InvalidInput.on("version_number", problem)
    source = sources.rendered(sources.version_of(kind, number), original.variables)
    return source, kind.default_parameters | source.parameters, sources.asked_for(original, kind)


def _one_transaction() -> AbstractContextManager[None]:
    """A request is one statement, and so a transaction by itself, unless its user's others have to be counted first."""
    return transaction.atomic() if settings.MAX_UNFINISHED_PER_USER else nullcontext()


def _check_limit(user: Submitter) -> None:
    """Under a lock of the user's own: simultaneous requests can't all slip in under the limit."""
    limit = settings.MAX_UNFINISHED_PER_USER
    if not limit:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('unfinished'), %s)", [user.pk])
    if PromptRequest.objects.filter(user_id=user.pk, status__in=UNFINISHED).count() >= limit:
        raise TooManyUnfinished(_("You may have at most %(limit)d unfinished requests at a time.") % {"limit": limit})
