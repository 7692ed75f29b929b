"""What the page of one request shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display, request_answer, request_links, version_display
from prompts.admin.request_timeline import timeline
from prompts.models import PromptRequest, PromptResponse
from prompts.models.prompt_request import Status
from prompts.receipts import receipt_of

MOST_REPLAYS = 20


def page_context(request: PromptRequest, replays: QuerySet[PromptRequest], *, with_versions: bool) -> dict[str, Any]:
    """Everything that the template needs beside the request; `replays` are those its reader may see.

    `with_versions` tells whether the reader may go on to the page of the version that was used.
    """
    response = getattr(request, "response", None)
    return {
        "prompt_request": request,
        "response": response,
        "status": display.status(request),
        "prompt": _prompt(request),
        "views": request_answer.views(request, response) if response else [],
        "times": _times(request),
        "next_attempt": display.moment(request.next_attempt_at) if _is_retried(request) else None,
        "timeline": timeline(request),
        "duration": display.duration(response.duration_ms) if response else None,
        "tokens": _tokens(response) if response else [],
        "cost": display.money(response.cost) if response else None,
        "replayed": display.request_link(request.replay_of_id) if request.replay_of_id else None,
        "comparison": request_links.comparison(request.replay_of_id, request.pk) if request.replay_of_id else None,
        "type_requests": request_links.of_type(request),
        "workbench": version_display.workbench_address(request.prompt_type, request.version) if with_versions else None,
        "replays": [_replay(request, pk) for pk in replays.values_list("pk", flat=True)[:MOST_REPLAYS]],
        "used_version": _used_version(request, with_link=with_versions),
        "variables": list((request.variables or {}).items()),
        "receipt": _receipt(request),
        "parameters": display.pretty_json(request.parameters),
        "metadata": display.pretty_json(request.metadata),
    }


def _prompt(request: PromptRequest) -> SafeString:
    if request.texts_erased_at is not None:
        return display.erased(request)
    return display.long_text(request.prompt_text, request_id=request.pk)


def _replay(request: PromptRequest, replay_id: UUID) -> tuple[SafeString, str]:
    """A link to a replay, and where it is compared with the request."""
    return display.request_link(replay_id), request_links.comparison(request.pk, replay_id)


def _used_version(request: PromptRequest, *, with_link: bool) -> SafeString | None:
    if request.version is None:
        return format_html("{} {}", _("A draft"), version_display.sandbox_mark(True)) if request.is_sandbox else None
    name = version_display.link(request.version) if with_link else version_display.number(request.version)
    return format_html("{} {}", name, version_display.sandbox_mark(request.is_sandbox))


def _receipt(request: PromptRequest) -> list[tuple[str, object]]:
    """Label and value of what proves the request."""
    receipt = receipt_of(request.pk)
    hashes = [
        (_("SHA-256 of the template"), receipt["template_sha256"]),
        (_("SHA-256 of the prompt"), receipt["rendered_sha256"]),
        (_("SHA-256 of the answer"), receipt["response_sha256"]),
        (_("Provider request id"), receipt["provider_request_id"]),
    ]
    sealed = (_("Sealed in the audit log"), _sealed(receipt["sealed"]))
    return [*((label, display.code(value) if value else None) for label, value in hashes), sealed]


def _sealed(seal: dict[str, Any] | None) -> str | None:
    if seal is None:
        return None
    if seal["seq"] is None:
        return _("Yes")
    return _("Yes, by entry %(number)d") % {"number": seal["seq"]}


def _is_retried(request: PromptRequest) -> bool:
    """Whether it waits for another attempt after one that failed."""
    return request.status == Status.PENDING and request.attempt_count > 0


def _times(request: PromptRequest) -> list[tuple[str, SafeString | None]]:
    """Label and time of each step; None where it hasn't come."""
    deferred = [(_("Not before"), display.moment(request.run_at))] if request.run_at else []
    return [
        (_("Created"), display.moment(request.created_at)),
        *deferred,
        (_("Started"), display.moment(request.started_at)),
        (_("Finished"), display.moment(request.finished_at)),
    ]


def _tokens(response: PromptResponse) -> list[tuple[str, int | None]]:
    """Label and number of each kind of token; None where the vendor didn't say."""
    return [
        (_("input tokens"), response.input_tokens),
        (_("cached input tokens"), response.cached_tokens),
        (_("output tokens"), response.output_tokens),
        (_("reasoning tokens"), response.reasoning_tokens),
    ]
