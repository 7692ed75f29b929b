"""When a failed attempt is tried again. Pure; the request row carries the decision (docs/decisions)."""

from __future__ import annotations

import random

from providers.exceptions import RETRYABLE, ErrorClass

#: How often each class is retried; a class without a number is bounded by the attempts of the request alone.
RETRIES = {
    ErrorClass.OVERLOADED: 5,
    ErrorClass.TIMEOUT: 3,
    ErrorClass.CONNECTION: 3,
    ErrorClass.STREAM_TRUNCATED: 2,
    ErrorClass.BAD_RESPONSE: 2,
}
#: After these the vendor may have done, and charged, the work.
MAY_BE_BILLED = frozenset(
    {
        ErrorClass.TIMEOUT,
        ErrorClass.CONNECTION,
        ErrorClass.STREAM_TRUNCATED,
        ErrorClass.BAD_RESPONSE,
        ErrorClass.TOO_LARGE,
    }
)
#: The error class of an attempt that a worker gave back when it was told to stop: nobody's failure, and not counted.
GIVEN_BACK = "worker_stopped"
BASE_SECONDS = 1.0
CAP_SECONDS = 60.0


def backoff(failures: int) -> float:
    """Seconds to wait after the `failures`-th failure in a row: exponential with full jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    return random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2 ** (failures - 1)))  # noqa: S311 (no secret)


def delay(
    error_class: str,
    *,
    failures_of_class: int,
    attempt: int,
    max_attempts: int,
    retry_after: float | None = None,
) -> float | None:
    """Seconds until the next attempt, or None when there is none.

    `failures_of_class` counts this failure and the earlier ones of the same class; `attempt` is the number of
    the attempt that failed, less those that were given back; `retry_after` is the vendor's wish in seconds, which
    is never undercut.
    """
    if error_class not in RETRYABLE or attempt >= max_attempts:
        return None
    if failures_of_class > RETRIES.get(ErrorClass(error_class), max_attempts):
        return None
    return max(retry_after or 0.0, backoff(failures_of_class))
