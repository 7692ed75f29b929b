"""When a failed attempt is tried again."""

from __future__ import annotations

import pytest

from prompts import retry
from providers.exceptions import RETRYABLE, ErrorClass


def delay(error_class: str, failures: int = 1, attempt: int = 1, **values: float) -> float | None:
    return retry.delay(error_class, failures_of_class=failures, attempt=attempt, max_attempts=8, **values)


@pytest.mark.parametrize("error_class", sorted(set(ErrorClass) - RETRYABLE))
def test_what_can_not_succeed_later_is_not_retried(error_class: ErrorClass) -> None:
    assert delay(error_class) is None


@pytest.mark.parametrize("error_class", ["configuration", "internal", "worker_lost"])
def test_what_is_ours_to_mend_is_not_retried(error_class: str) -> None:
    assert delay(error_class) is None


@pytest.mark.parametrize(
    ("error_class", "retries"),
    [("overloaded", 5), ("timeout", 3), ("connection", 3), ("stream_truncated", 2), ("bad_response", 2)],
)
def test_each_class_has_its_number_of_retries(error_class: str, retries: int) -> None:
    assert delay(error_class, failures=retries) is not None
    assert delay(error_class, failures=retries + 1) is None


def test_a_rate_limit_is_bounded_by_the_attempts_alone() -> None:
    assert delay("rate_limited", failures=7, attempt=7) is not None
    assert delay("rate_limited", failures=8, attempt=8) is None


def test_the_wish_of_the_vendor_is_never_undercut() -> None:
    assert all((delay("rate_limited", retry_after=90) or 0) >= 90 for _ in range(50))


def test_waiting_grows_with_every_failure_up_to_a_minute() -> None:
    longest = [max(retry.backoff(failures) for _ in range(400)) for failures in (1, 3, 20)]
    assert longest[0] <= 1 < longest[1] <= 4 < longest[2] <= 60


def test_waiting_is_jittered_so_that_clients_do_not_return_together() -> None:
    assert len({round(retry.backoff(5), 3) for _ in range(50)}) > 25
