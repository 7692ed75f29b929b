"""From what a vendor or the network did to an ErrorClass: the parts of the table that all vendors share."""

from __future__ import annotations

import ssl

import httpx2

from providers.base import Completion, FinishReason
from providers.exceptions import ErrorClass, ProviderError
from providers.text import storable

#: Statuses whose class is not told by their hundred.
BY_STATUS = {
    401: ErrorClass.AUTH,
    402: ErrorClass.QUOTA_EXHAUSTED,
    403: ErrorClass.AUTH,
    408: ErrorClass.TIMEOUT,
    429: ErrorClass.RATE_LIMITED,
}
MESSAGE_LIMIT = 500
#: Shorter "keys" are placeholders (`ollama`, `none`); replacing them would only garble messages.
SHORTEST_KEY = 8


class UnexpectedShape(ValueError):
    """The vendor answered with success, but not with what its API describes."""


class AnswerTooLarge(Exception):
    """The vendor sent more bytes than an answer may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The answer is larger than {limit} bytes.")


def class_of_status(status: int) -> ErrorClass:
    """The class of an HTTP status; below 400 it is an answer that should not have come (a redirect, say)."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return ErrorClass.OVERLOADED
    return ErrorClass.BAD_REQUEST if status >= 400 else ErrorClass.BAD_RESPONSE


def class_of_exception(err: BaseException) -> ErrorClass:
    """The class of an exception that carries no HTTP status.

    What is neither a timeout nor the network is taken for an answer that could not be read.
    """
    if isinstance(err, AnswerTooLarge):
        return ErrorClass.TOO_LARGE
    if isinstance(err, TimeoutError | httpx2.TimeoutException):
        return ErrorClass.TIMEOUT
    if isinstance(err, httpx2.TransportError | ssl.SSLError | OSError):
        return ErrorClass.CONNECTION
    return ErrorClass.BAD_RESPONSE


def described(err: BaseException) -> str:
    """The exception in words; many network errors have no text of their own."""
    if isinstance(err, UnexpectedShape | AnswerTooLarge):
        return str(err)
    return f"{type(err).__name__}: {err}" if str(err) else type(err).__name__


def truncated() -> ProviderError:
    """The stream ended without the vendor's terminal marker."""
    return ProviderError(ErrorClass.STREAM_TRUNCATED, "The stream ended before the answer was complete.")


def unfiltered(completion: Completion) -> Completion:
    """Pass the completion on, unless the vendor's content filter cut it.

    Raises ProviderError(CONTENT_FILTER) that keeps the completion with the text so far.
    """
    if completion.finish_reason is FinishReason.CONTENT_FILTER:
        raise ProviderError(
            ErrorClass.CONTENT_FILTER,
            "The vendor's content filter stopped the answer.",
            request_id=completion.provider_request_id,
            completion=completion,
        )
    return completion


def presentable(message: str, key: str) -> str:
    """The message without the key, cut to what a row and a person can take."""
    return storable(redacted(message, key))[:MESSAGE_LIMIT]


def redacted(text: str, key: str) -> str:
    """The text without the key."""
    return text.replace(key, "[redacted]") if len(key) >= SHORTEST_KEY else text


def scrub(err: BaseException, key: str) -> None:
    """Take the key out of the exception and its causes: a log shows them below the ProviderError."""
    seen: set[int] = set()
    current: BaseException | None = err
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.args = tuple(redacted(arg, key) if isinstance(arg, str) else arg for arg in current.args)
        current = current.__cause__ or current.__context__
