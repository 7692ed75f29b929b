"""OpenAI's answers and errors in our terms.

https://platform.openai.com/docs/api-reference/chat/object and https://platform.openai.com/docs/guides/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.base import Completion, FinishReason, Usage
from providers.errors import UnexpectedShape, class_of_status, truncated
from providers.exceptions import ErrorClass, ProviderError
from providers.shapes import expect_text, tokens
from providers.text import storable

FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
#: Money or plan is spent, whatever the status; openai.types.beta.session_turn_error describes the newer ones.
QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "usage_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    }
)
FILTER_CODES = frozenset({"content_filter", "content_policy_violation"})
#: For errors that come without an HTTP status: inside a stream, or as a body with status 200.
CLASS_OF_CODE = {
    "rate_limit_exceeded": ErrorClass.RATE_LIMITED,
    "rate_limit_error": ErrorClass.RATE_LIMITED,
    "invalid_request_error": ErrorClass.BAD_REQUEST,
    "context_length_exceeded": ErrorClass.BAD_REQUEST,
    "authentication_error": ErrorClass.AUTH,
    "invalid_api_key": ErrorClass.AUTH,
    "request_timeout": ErrorClass.TIMEOUT,
}


def completion_of(answer: Any, model: str, request_id: str) -> Completion:
    """An answer in one piece. Raises UnexpectedShape, or ProviderError for an error sent with status 200."""
    choice = _first_choice(answer)
    message = choice.message
    if message is None or not choice.finish_reason:
        raise UnexpectedShape("The answer is not finished.")
    return Completion(
        text=storable(expect_text(message.content or message.refusal or "")),
        model=storable(expect_text(answer.model or model)),
        finish_reason=_finish_reason(choice.finish_reason, refused=bool(message.refusal)),
        usage=usage_of(answer.usage),
        provider_request_id=storable(str(request_id or answer.id or "")),
    )


def _first_choice(answer: Any) -> Any:
    error = getattr(answer, "error", None)
    if isinstance(error, Mapping):
        error_class = class_of_error(error.get("code"), error.get("type"))
        raise ProviderError(error_class, str(error.get("message") or "The endpoint reports an error."))
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise UnexpectedShape("The answer is no chat completion.")
    return choices[0]


def _finish_reason(reason: str, *, refused: bool) -> FinishReason:
    return FinishReason.CONTENT_FILTER if refused else FINISH_REASONS.get(reason, FinishReason.OTHER)


def usage_of(usage: Any) -> Usage:
    """OpenAI counts cached tokens within the prompt's and reasoning within the completion's, as we do."""
    prompt_details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        input_tokens=tokens(usage, "prompt_tokens"),
        cached_tokens=tokens(prompt_details, "cached_tokens"),
        output_tokens=tokens(usage, "completion_tokens"),
        reasoning_tokens=tokens(getattr(usage, "completion_tokens_details", None), "reasoning_tokens"),
        cache_write_tokens=tokens(prompt_details, "cache_write_tokens"),
    )


def class_of_error(code: Any, kind: Any, status: int | None = None) -> ErrorClass:
    """The class of an error by its `code` and `type`, then by its status.

    Gateways put an HTTP status into `code` where OpenAI has a word. Without status and known word the vendor
    broke down while it answered.
    """
    words = {str(code), str(kind)}
    if words & QUOTA_CODES:
        return ErrorClass.QUOTA_EXHAUSTED
    if words & FILTER_CODES:
        return ErrorClass.CONTENT_FILTER
    if status is not None:
        return class_of_status(status)
    if str(code).isascii() and str(code).isdigit():
        return class_of_status(int(code))
    return CLASS_OF_CODE.get(str(code)) or CLASS_OF_CODE.get(str(kind)) or ErrorClass.OVERLOADED


class Gathered:
    """What a running stream has told so far."""

    def __init__(self, model: str, request_id: str) -> None:
        self.model = model
        self.request_id = request_id
        self.pieces: list[str] = []
        self.finish_reason = ""
        self.refused = False
        self.usage = Usage()

    def add(self, event: Any) -> str:
        """Take in one event; returns its piece of text."""
        self.model = event.model or self.model
        self.request_id = self.request_id or str(event.id or "")
        self.usage = usage_of(event.usage) if event.usage else self.usage
        piece = "".join(self._text(choice) for choice in event.choices or () if not choice.index)
        self.pieces.append(piece)
        return piece

    def _text(self, choice: Any) -> str:
        self.finish_reason = choice.finish_reason or self.finish_reason
        if choice.delta is None:
            return ""
        self.refused = self.refused or bool(choice.delta.refusal)
        return expect_text(choice.delta.content or choice.delta.refusal or "")

    def completion(self) -> Completion:
        """The whole answer. Raises ProviderError(STREAM_TRUNCATED) when no finish reason came."""
        if not self.finish_reason:
            raise truncated()
        return Completion(
            text=storable("".join(self.pieces)),
            model=storable(expect_text(self.model)),
            finish_reason=_finish_reason(self.finish_reason, refused=self.refused),
            usage=self.usage,
            provider_request_id=storable(self.request_id),
        )
