"""Trying out what is no version yet, and trying out again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptVersion
from prompts.models.prompt_version import template_sha256
from prompts.services import sources
from prompts.services.inputs import check_size, render_strictly
from prompts.services.sources import Source
from prompts.services.submission import Submitter, store
from prompts.services.version_rules import check_version


@transaction.atomic
def try_draft(
    *,
    user: Submitter,
    prompt_type: str,
    template: str,
    variables: dict[str, str],
    model: str = "",
    parameters: dict[str, Any] | None = None,
    field_schema: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
) -> PromptRequest:
    """Send a draft with `variables` filled in, as a sandbox request without a version. Nothing else is stored.

    Its metadata tell of which type it is a draft, the template's SHA-256 and the field schema. Raises InvalidInput for
    what no version of the type could be, and what `submission.submit` raises.
    """
    kind = sources.active_type(prompt_type)
    draft = PromptVersion(
        prompt_type=kind, template=template, model=model, parameters=parameters or {}, field_schema=field_schema
    )
    check_version(draft, kind)
    return store(
        user,
        kind,
        _source(draft, variables),
        kind.default_parameters | draft.parameters,
        {"purpose": _("Test of a draft"), "metadata": _notes(draft, metadata or {}), "is_sandbox": True},
    )


@transaction.atomic
def try_again(original: PromptRequest, *, user: Submitter) -> PromptRequest:
    """Send the same text once more as a sandbox request. Raises what `submission.submit` raises."""
    return store(
        user,
        sources.active_type(original.prompt_type_id),
        sources.repeated(original),
        {},
        {
            "model": original.model,
            "purpose": original.purpose,
            "parameters": original.parameters,
            "metadata": original.metadata,
            "replay_of": original,
            "is_sandbox": True,
        },
    )


def schema_of(request: PromptRequest) -> dict[str, Any] | None:
    """The field schema that a sandbox request was sent with; None without one."""
    if request.version is not None:
        return request.version.field_schema
    schema = request.metadata.get("field_schema") or request.parameters.get("json_schema")
    return schema if isinstance(schema, dict) else None


def last_tried(prompt_type: str, user: Submitter) -> PromptRequest | None:
    """The last sandbox request of a user and type that was sent with values."""
    requests = PromptRequest.objects.filter(prompt_type__slug=prompt_type, is_sandbox=True, user_id=user.pk)
    return requests.filter(variables__isnull=False).order_by("-id").first()


def tried_before(request: PromptRequest, *, among: QuerySet[PromptRequest]) -> PromptRequest | None:
    """The last answered sandbox request of the same version before this one that is `among` these; None for drafts."""
    if request.version_id is None:
        return None
    earlier = among.filter(
        prompt_type__slug=request.prompt_type_id, is_sandbox=True, version=request.version_id, id__lt=request.pk
    )
    return earlier.filter(response__isnull=False).select_related("response").order_by("-id").first()


def _source(draft: PromptVersion, variables: dict[str, str]) -> Source:
    text = render_strictly(draft.template, variables)
    sources.check_text(text)
    return Source(text, None, variables, draft.model, draft.parameters, draft.field_schema)


def _notes(draft: PromptVersion, metadata: dict[str, Any]) -> dict[str, Any]:
    """What says later what was tried. A schema that doesn't fit beside the rest is left out."""
    notes = metadata | {"draft_of": draft.prompt_type_id, "template_sha256": template_sha256(draft.template)}
    if draft.field_schema is None:
        return notes
    with suppress(InvalidInput):
        check_size(notes | {"field_schema": draft.field_schema}, field="metadata")
        notes["field_schema"] = draft.field_schema
    return notes
