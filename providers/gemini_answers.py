"""Gemini's answers and errors in our terms.

https://ai.google.dev/api/generate-content and https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

import re
from typing import Any

from providers.base import Completion, FinishReason, Usage
from providers.errors import class_of_status, truncated
from providers.exceptions import ErrorClass
from providers.shapes import expect_text, tokens, total
from providers.text import storable
from providers.transport import bounded_seconds

FINISH_REASONS = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    "SAFETY": FinishReason.CONTENT_FILTER,
    "RECITATION": FinishReason.CONTENT_FILTER,
    "BLOCKLIST": FinishReason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "SPII": FinishReason.CONTENT_FILTER,
    "IMAGE_SAFETY": FinishReason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "IMAGE_RECITATION": FinishReason.CONTENT_FILTER,
    "MODEL_ARMOR": FinishReason.CONTENT_FILTER,
    "ESCALATION": FinishReason.CONTENT_FILTER,
    "PUP_LIMITED_DISABLED": FinishReason.CONTENT_FILTER,
    "CONTINUATION": FinishReason.LENGTH,
}
UNSPECIFIED = "FINISH_REASON_UNSPECIFIED"
#: Google tells a closed quota only in words: "… limit: 0, model: …".
NO_QUOTA = re.compile(r"\blimit: 0\b(?!\.)")
Detail = dict[str, Any]


def details_of(body: Any) -> list[Detail]:
    """The `google.rpc` details of an error's body; empty when it is no such body."""
    error = body.get("error") if isinstance(body, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def class_of_error(status: int, message: str, details: list[Detail]) -> ErrorClass:
    """The class of an error by its status, where that is not enough by its details."""
    if status == 429 and (NO_QUOTA.search(message) or any(_is_spent(detail) for detail in details)):
        return ErrorClass.QUOTA_EXHAUSTED
    # Google answers a wrong key with 400 INVALID_ARGUMENT.
    if any(detail.get("reason") == "API_KEY_INVALID" for detail in details):
        return ErrorClass.AUTH
    return class_of_status(status)


def _is_spent(detail: Detail) -> bool:
    """Whether a QuotaFailure or ErrorInfo tells of a quota that refills by the day, or of none at all."""
    violations = detail.get("violations")
    quotas = [*(violations if isinstance(violations, list) else ()), detail.get("metadata")]
    return any(_is_daily_or_closed(quota) for quota in quotas if isinstance(quota, dict))


def _is_daily_or_closed(quota: Detail) -> bool:
    name = str(quota.get("quotaId") or quota.get("quota_limit") or "")
    limit = quota.get("quotaValue", quota.get("quota_limit_value"))
    return "perday" in name.lower() or str(limit) == "0"


def retry_delay(details: list[Detail]) -> float | None:
    """Seconds from `google.rpc.RetryInfo` ("36.4s"); None when absent."""
    delays = [str(detail["retryDelay"]).removesuffix("s") for detail in details if "retryDelay" in detail]
    return bounded_seconds(delays[0]) if delays else None


def usage_of(usage: Any) -> Usage:
    """Gemini counts cached tokens within the prompt's; thoughts are billed as output, beside the answer's."""
    thoughts = tokens(usage, "thoughts_token_count")
    return Usage(
        input_tokens=tokens(usage, "prompt_token_count"),
        cached_tokens=tokens(usage, "cached_content_token_count"),
        output_tokens=total(tokens(usage, "candidates_token_count"), thoughts),
        reasoning_tokens=thoughts,
    )


class Gathered:
    """What one answer, or a running stream of them, has told so far."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.request_id = ""
        self.pieces: list[str] = []
        self.finish_reason: FinishReason | None = None
        self.usage = Usage()

    @property
    def finished(self) -> bool:
        """Whether a candidate ended, or the prompt was refused outright."""
        return self.finish_reason is not None

    def add(self, answer: Any) -> str:
        """Take in one answer; returns its piece of text, without the model's thoughts."""
        self.model = answer.model_version or self.model
        self.request_id = answer.response_id or self.request_id
        self.usage = usage_of(answer.usage_metadata) if answer.usage_metadata else self.usage
        if not answer.candidates:
            self._note_blocked_prompt(answer)
            return ""
        candidate = answer.candidates[0]
        self._note_finish(candidate.finish_reason)
        parts = (candidate.content.parts if candidate.content else None) or ()
        piece = "".join(expect_text(part.text) for part in parts if part.text and not part.thought)
        self.pieces.append(piece)
        return piece

    def _note_blocked_prompt(self, answer: Any) -> None:
        if answer.prompt_feedback and answer.prompt_feedback.block_reason:
            self.finish_reason = FinishReason.CONTENT_FILTER

    def _note_finish(self, reason: Any) -> None:
        if reason and reason.name != UNSPECIFIED:
            self.finish_reason = FINISH_REASONS.get(reason.name, FinishReason.OTHER)

    def completion(self) -> Completion:
        """The whole answer. Raises ProviderError(STREAM_TRUNCATED) when no finish reason came."""
        if self.finish_reason is None:
            raise truncated()
        return Completion(
            text=storable("".join(self.pieces)),
            model=storable(expect_text(self.model)),
            finish_reason=self.finish_reason,
            usage=self.usage,
            provider_request_id=storable(self.request_id),
        )
