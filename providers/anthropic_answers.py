"""Anthropic's answers and errors in our terms.

https://platform.claude.com/docs/en/api/messages, …/api/errors and …/build-with-claude/streaming
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from providers.base import Completion, FinishReason, Usage
from providers.errors import UnexpectedShape, class_of_status, truncated
from providers.exceptions import ErrorClass
from providers.shapes import expect_text, tokens, total
from providers.text import storable

FINISH_REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "refusal": FinishReason.CONTENT_FILTER,
}
#: `error.details.error_code` of limits that only money or a new month lifts (anthropic.types.shared).
QUOTA_CODES = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable",
    }
)
#: For error events inside a stream, which have no HTTP status of their own.
CLASS_OF_TYPE = {
    "rate_limit_error": ErrorClass.RATE_LIMITED,
    "billing_error": ErrorClass.QUOTA_EXHAUSTED,
    "timeout_error": ErrorClass.TIMEOUT,
    "authentication_error": ErrorClass.AUTH,
    "permission_error": ErrorClass.AUTH,
    "invalid_request_error": ErrorClass.BAD_REQUEST,
    "not_found_error": ErrorClass.BAD_REQUEST,
    "conflict_error": ErrorClass.BAD_REQUEST,
    "request_too_large": ErrorClass.BAD_REQUEST,
}


def class_of_error(status: int, kind: str | None, code: str | None) -> ErrorClass:
    """The class of an error by its code, its HTTP status or, in a stream (status 200), its type."""
    if code in QUOTA_CODES or kind == "billing_error":
        return ErrorClass.QUOTA_EXHAUSTED
    if status != 200:
        return class_of_status(status)
    return CLASS_OF_TYPE.get(kind or "", ErrorClass.OVERLOADED)


def completion_of(answer: Any, model: str, request_id: str) -> Completion:
    """An answer in one piece. Raises UnexpectedShape."""
    blocks = getattr(answer, "content", None)
    if not isinstance(blocks, list) or not answer.stop_reason:
        raise UnexpectedShape("The answer is no finished message.")
    texts = [expect_text(block.text) for block in blocks if block.type == "text"]
    return Completion(
        text=storable("".join(texts)),
        model=storable(expect_text(answer.model or model)),
        finish_reason=FINISH_REASONS.get(answer.stop_reason, FinishReason.OTHER),
        usage=usage_of(answer.usage),
        provider_request_id=storable(str(request_id or answer.id or "")),
    )


def usage_of(usage: Any) -> Usage:
    """Anthropic counts cache reads and writes beside the input; as billed it is the sum of the three."""
    read = tokens(usage, "cache_read_input_tokens")
    written = tokens(usage, "cache_creation_input_tokens")
    return Usage(
        input_tokens=total(tokens(usage, "input_tokens"), read, written),
        cached_tokens=read,
        output_tokens=tokens(usage, "output_tokens"),
        reasoning_tokens=tokens(getattr(usage, "output_tokens_details", None), "thinking_tokens"),
        cache_write_tokens=written,
    )


class Gathered:
    """What a running stream has told so far.

    Usage comes with `message_start` and again, cumulative, with `message_delta`; the end is `message_stop`.
    """

    def __init__(self, model: str, request_id: str) -> None:
        self.model = model
        self.request_id = request_id
        self.pieces: list[str] = []
        self.stop_reason = ""
        self.stopped = False
        self.usage: dict[str, Any] = {}

    def add(self, event: Any) -> str:
        """Take in one event; returns its piece of text."""
        if event.type == "message_start":
            self.model = event.message.model or self.model
            self.request_id = self.request_id or event.message.id
            self._count(event.message.usage)
        elif event.type == "message_delta":
            self.stop_reason = event.delta.stop_reason or self.stop_reason
            self._count(event.usage)
        elif event.type == "message_stop":
            self.stopped = True
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            self.pieces.append(expect_text(event.delta.text))
            return self.pieces[-1]
        return ""

    def _count(self, usage: Any) -> None:
        self.usage |= {name: value for name, value in vars(usage).items() if value is not None}

    def completion(self) -> Completion:
        """The whole answer. Raises ProviderError(STREAM_TRUNCATED) when no message_stop came."""
        if not (self.stopped and self.stop_reason):
            raise truncated()
        return Completion(
            text=storable("".join(self.pieces)),
            model=storable(expect_text(self.model)),
            finish_reason=FINISH_REASONS.get(self.stop_reason, FinishReason.OTHER),
            usage=usage_of(SimpleNamespace(**self.usage)),
            provider_request_id=storable(self.request_id),
        )
