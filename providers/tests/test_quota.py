"""Spent quota against rate limit: both come as 429, and only one of them is worth a second try."""

from __future__ import annotations

from typing import Any

import pytest

from providers.exceptions import ErrorClass
from providers.tests.adapters import Adapter, Anthropic, Compatible, Gemini, OpenAI
from providers.tests.reply import Reply
from providers.tests.stubs import VendorStub


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    "code",
    [
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "project_spend_limit_exceeded",
        "organization_spend_limit_exceeded",
    ],
)
@pytest.mark.parametrize("kind", [OpenAI, Compatible])
def test_openai_tells_spent_quota_by_its_code(stub: VendorStub, kind: type[Adapter], code: str, status: int):
    adapter = kind(stub)
    error = adapter.failure(Reply(status=status, body=adapter.error_body("You exceeded your quota.", code)))

    assert error.error_class is ErrorClass.QUOTA_EXHAUSTED
    assert not error.retryable
    assert len(adapter.calls) == 1


def test_openai_tells_a_rate_limit_by_its_code(stub: VendorStub):
    adapter = OpenAI(stub)
    reply = Reply(
        status=429,
        headers={"retry-after-ms": "250", "retry-after": "1"},
        body=adapter.error_body("Rate limit reached.", "rate_limit_exceeded"),
    )
    error = adapter.failure(reply)

    assert (error.error_class, error.retry_after) == (ErrorClass.RATE_LIMITED, 0.25)
    assert error.request_id == "req_stub_1"


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation"])
def test_openai_tells_a_filtered_prompt_by_its_code(stub: VendorStub, code: str):
    adapter = OpenAI(stub)

    error = adapter.failure(Reply(status=400, body=adapter.error_body("Filtered.", code)))

    assert error.error_class is ErrorClass.CONTENT_FILTER


def test_a_gateways_error_with_status_200_has_the_class_of_its_code(stub: VendorStub):
    adapter = Compatible(stub)

    error = adapter.failure(Reply(body={"error": {"message": "Upstream is busy.", "code": 429}}))

    assert (error.error_class, error.message) == (ErrorClass.RATE_LIMITED, "Upstream is busy.")


@pytest.mark.parametrize(
    "code",
    ["enforced_spend_limit_reached", "contract_spend_limit_reached", "linked_organization_spend_limit_reached"],
)
@pytest.mark.parametrize("status", [400, 403, 429])
def test_anthropic_tells_a_spend_limit_by_its_error_code(stub: VendorStub, code: str, status: int):
    adapter = Anthropic(stub)
    error = {"type": "rate_limit_error", "message": "Limit reached.", "details": {"error_code": code}}
    body = {"type": "error", "error": error, "request_id": "req_stub_1"}

    failure = adapter.failure(Reply(status=status, body=body))

    assert failure.error_class is ErrorClass.QUOTA_EXHAUSTED
    assert failure.message == "Limit reached."
    assert failure.request_id == "req_stub_1"
    assert len(adapter.calls) == 1


def gemini_429(*details: dict[str, Any], message: str = "You exceeded your current quota.") -> Reply:
    error = {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": list(details)}
    return Reply(status=429, body={"error": error})


def quota_failure(quota_id: str, value: str = "20") -> dict[str, Any]:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": "gemini-3.6-flash"},
        "quotaValue": value,
    }
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.5s"}
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
ERROR_INFO = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "RATE_LIMIT_EXCEEDED",
    "metadata": {"quota_limit": "Gemini25ProRequestsPerDay"},
}


@pytest.mark.parametrize(
    "reply",
    [
        gemini_429(quota_failure(PER_DAY), RETRY_INFO),
        gemini_429(quota_failure(PER_MINUTE), quota_failure(PER_DAY)),
        gemini_429(quota_failure(PER_MINUTE, value="0")),
        gemini_429(ERROR_INFO),
        gemini_429(message="Quota exceeded for metric: requests, limit: 0, model: gemini-3.6-pro"),
    ],
    ids=["per day", "also per day", "closed", "error info", "limit: 0"],
)
def test_gemini_tells_spent_quota_by_the_quota_that_was_hit(stub: VendorStub, reply: Reply):
    adapter = Gemini(stub)

    assert adapter.failure(reply).error_class is ErrorClass.QUOTA_EXHAUSTED
    assert len(adapter.calls) == 1


@pytest.mark.parametrize(
    "reply",
    [
        gemini_429(quota_failure(PER_MINUTE), RETRY_INFO),
        gemini_429(RETRY_INFO, message="Quota exceeded for metric: requests, limit: 20, model: gemini-3.6-pro"),
    ],
    ids=["per minute", "limit: 20"],
)
def test_gemini_tells_a_rate_limit_and_its_delay(stub: VendorStub, reply: Reply):
    error = Gemini(stub).failure(reply)

    assert (error.error_class, error.retry_after) == (ErrorClass.RATE_LIMITED, 36.5)


def test_gemini_tells_a_wrong_key_with_status_400(stub: VendorStub):
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [info]}

    assert Gemini(stub).failure(Reply(status=400, body={"error": error})).error_class is ErrorClass.AUTH
