"""The engine against the vendors' wire formats: what each error makes of a request, and with how many calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from prompts import retry
from prompts.engine import Engine
from prompts.models import PromptRequest
from prompts.tests.factories import make_request
from providers import pricing, registry
from providers.tests.stubs import Reply, VendorStub

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Vendor:
    """A vendor's alias, and its words for what the rows of the table need."""

    alias: str
    backend: str
    quota: Any
    filtered: str
    truncated: str


VENDORS = [
    Vendor(
        "openai",
        "providers.openai.OpenAIProvider",
        {"error": {"message": "Quota.", "type": "insufficient_quota", "code": "insufficient_quota"}},
        "content_filter",
        "length",
    ),
    Vendor(
        "anthropic",
        "providers.anthropic.AnthropicProvider",
        {"type": "error", "error": {"type": "billing_error", "message": "Quota."}},
        "refusal",
        "max_tokens",
    ),
    Vendor(
        "gemini",
        "providers.gemini.GeminiProvider",
        {"error": {"code": 429, "message": "Quota exceeded, limit: 0", "status": "RESOURCE_EXHAUSTED"}},
        "SAFETY",
        "MAX_TOKENS",
    ),
]


@pytest.fixture
def stub() -> Iterator[VendorStub]:
    with VendorStub() as running:
        yield running


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.alias)
def vendor(request, settings, stub: VendorStub) -> Vendor:
    """Each vendor in turn, configured to be the stub."""
    vendor: Vendor = request.param
    address = getattr(stub, f"{vendor.alias}_url")
    settings.LLM_PROVIDERS = {vendor.alias: {"backend": vendor.backend, "api_key": "sk-test", "base_url": address}}
    registry.reset()
    return vendor


@pytest.fixture
def engine(vendor: Vendor, settings) -> Iterator[Engine]:
    """An engine that doesn't wait before it tries again."""
    settings.POLL_SECONDS = 0.05
    engine = Engine(worker_name="w1", slots=50)
    with patch.object(retry, "backoff", autospec=True, return_value=0.0):
        engine.start()
        yield engine
        engine.stop(grace=0)


def finished(request: PromptRequest, seconds: float = 30) -> PromptRequest:
    """The request once it has ended."""
    wait_for(lambda: PromptRequest.objects.unfinished().filter(pk=request.pk).count() == 0, seconds)
    request.refresh_from_db()
    return request


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def ask(vendor: Vendor, **parameters: Any) -> PromptRequest:
    return make_request(model=f"{vendor.alias}/model-1", parameters=parameters)


def error(status: int) -> Reply:
    return Reply(status=status, body={"type": "error", "error": {"type": "x", "code": status, "message": "No."}})


@pytest.mark.parametrize(
    ("reply", "error_class", "calls"),
    [
        (error(400), "bad_request", 1),
        (error(401), "auth", 1),
        (error(403), "auth", 1),
        (error(404), "bad_request", 1),
        (error(429), "rate_limited", 8),
        (error(500), "overloaded", 6),
        (error(503), "overloaded", 6),
        (error(529), "overloaded", 6),
        (Reply(drop_after=0), "connection", 4),
        (Reply(body="<html>Bad gateway</html>", content_type="text/html"), "bad_response", 3),
        (Reply(body={}), "bad_response", 3),
    ],
    ids=["400", "401", "403", "404", "429", "500", "503", "529", "dropped", "page", "empty"],
)
def test_a_failing_vendor_is_called_as_often_as_its_class_allows(
    engine: Engine, vendor: Vendor, stub: VendorStub, reply: Reply, error_class: str, calls: int
) -> None:
    stub.default = reply
    request = finished(ask(vendor))
    assert (request.status, request.error_class) == ("failed", error_class)
    assert len(stub.calls) == request.attempt_count == calls


def test_a_spent_quota_is_called_once(engine: Engine, vendor: Vendor, stub: VendorStub) -> None:
    stub.default = Reply(status=402 if vendor.alias == "anthropic" else 429, body=vendor.quota)
    request = finished(ask(vendor))
    assert (request.status, request.error_class, len(stub.calls)) == ("failed", "quota_exhausted", 1)


def test_a_cut_stream_is_called_three_times_and_never_completed(
    engine: Engine, vendor: Vendor, stub: VendorStub
) -> None:
    stub.default = Reply(cut_after=2)
    request = finished(ask(vendor, stream=True))
    assert (request.status, request.error_class, len(stub.calls)) == ("failed", "stream_truncated", 3)


def test_a_vendor_that_keeps_silent_times_out(engine: Engine, vendor: Vendor, stub: VendorStub, settings) -> None:
    settings.REQUEST_DEADLINE_SECONDS = 0.3
    stub.default = Reply(latency=60)
    request = finished(ask(vendor))
    assert (request.status, request.error_class, len(stub.calls)) == ("failed", "timeout", 4)
    assert all(attempt.may_be_billed for attempt in request.attempts.all())


def test_a_filtered_answer_fails_with_its_text_kept(engine: Engine, vendor: Vendor, stub: VendorStub) -> None:
    stub.default = Reply(finish=vendor.filtered, text="Half an answer")
    request = finished(ask(vendor))
    assert (request.status, request.error_class, len(stub.calls)) == ("failed", "content_filter", 1)
    assert request.response.response_text == "Half an answer"


def test_a_filtered_answer_has_its_price(engine: Engine, vendor: Vendor, stub: VendorStub) -> None:
    stub.default = Reply(finish=vendor.filtered)
    with patch.object(pricing, "price", autospec=True, return_value=Decimal("0.25")):
        request = finished(ask(vendor))
    assert (request.status, request.response.cost) == ("failed", Decimal("0.25"))


def test_an_answer_that_hit_its_limit_completes_and_says_so(engine: Engine, vendor: Vendor, stub: VendorStub) -> None:
    stub.default = Reply(finish=vendor.truncated)
    request = finished(ask(vendor))
    assert (request.status, request.response.finish_reason, len(stub.calls)) == ("completed", "length", 1)


@pytest.mark.parametrize("stream", [False, True])
def test_a_vendor_that_recovers_completes_the_request(
    engine: Engine, vendor: Vendor, stub: VendorStub, stream: bool
) -> None:
    stub.script("model-1", [error(503), error(500), Reply(text="At last")])
    request = finished(ask(vendor, stream=stream))
    assert (request.status, request.response.response_text, request.attempt_count) == ("completed", "At last", 3)


def test_retry_after_is_honoured_and_the_slot_is_free_meanwhile(
    engine: Engine, vendor: Vendor, stub: VendorStub
) -> None:
    stub.script("model-1", [Reply(status=429, headers={"retry-after": "3600"}, body=error(429).body)])
    request = ask(vendor)
    wait_for(lambda: request.attempts.filter(outcome="failed").exists())
    wait_for(lambda: not engine._running)
    request.refresh_from_db()
    assert request.status == "pending"
    assert 3500 < (request.next_attempt_at - timezone.now()).total_seconds() <= 3600
    assert len(stub.calls) == 1
