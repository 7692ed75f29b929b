"""The error table, row by row: what a vendor does and the class that comes of it, with exactly one call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from providers.exceptions import ErrorClass
from providers.tests.adapters import CANARY, Adapter, Anthropic, Compatible, Gemini, OpenAI
from providers.tests.reply import Reply
from providers.tests.stubs import VendorStub

BY_STATUS = {
    400: ErrorClass.BAD_REQUEST,
    401: ErrorClass.AUTH,
    402: ErrorClass.QUOTA_EXHAUSTED,
    403: ErrorClass.AUTH,
    404: ErrorClass.BAD_REQUEST,
    408: ErrorClass.TIMEOUT,
    409: ErrorClass.BAD_REQUEST,
    413: ErrorClass.BAD_REQUEST,
    422: ErrorClass.BAD_REQUEST,
    429: ErrorClass.RATE_LIMITED,
    500: ErrorClass.OVERLOADED,
    502: ErrorClass.OVERLOADED,
    503: ErrorClass.OVERLOADED,
    504: ErrorClass.OVERLOADED,
    529: ErrorClass.OVERLOADED,
}
PAGE = "<html><body>Bad gateway</body></html>"
both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


@both_ways
@pytest.mark.parametrize(("status", "expected"), BY_STATUS.items())
def test_a_status_has_its_class(adapter: Adapter, status: int, expected: ErrorClass, streaming: bool):
    error = adapter.failure(Reply(status=status, body=adapter.error_body("No.")), streaming=streaming)

    assert (error.error_class, error.status_code) == (expected, status)
    assert "No." in error.message
    assert len(adapter.calls) == 1


@both_ways
def test_an_error_page_of_a_proxy_is_classified_by_its_status(adapter: Adapter, streaming: bool):
    error = adapter.failure(Reply(status=502, body=PAGE, content_type="text/html"), streaming=streaming)

    assert error.error_class is ErrorClass.OVERLOADED
    assert len(adapter.calls) == 1


@both_ways
@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=PAGE, content_type="text/html"),
        Reply(body='{"choices": [', content_type="application/json"),
        Reply(body="", content_type="application/json"),
        Reply(body=b"\xff\xfe\x00", content_type="application/json"),
        Reply(body=1),
        Reply(body={"choices": ["x"], "content": ["x"], "stop_reason": "end_turn", "candidates": ["x"]}),
        Reply(body={"choices": [{"message": {"content": ["x"]}, "finish_reason": "stop"}]}),
        Reply(body={"choices": [{"message": {"content": "x"}, "finish_reason": None}]}),
    ],
    ids=["page", "half json", "nothing", "bytes", "number", "strings", "parts", "unfinished"],
)
def test_success_with_another_body_than_the_vendors_is_a_bad_response(adapter: Adapter, reply: Reply, streaming: bool):
    error = adapter.failure(reply, streaming=streaming)

    # google-genai reads whatever is no event as a stream without events.
    truncated = {ErrorClass.STREAM_TRUNCATED} if streaming and isinstance(adapter, Gemini) else set()
    assert error.error_class in {ErrorClass.BAD_RESPONSE} | truncated
    assert len(adapter.calls) == 1


def test_an_empty_object_is_a_bad_response(adapter: Adapter):
    assert adapter.failure(Reply(body={})).error_class is ErrorClass.BAD_RESPONSE


@both_ways
def test_a_connection_that_drops_before_the_answer_is_a_connection_error(adapter: Adapter, streaming: bool):
    error = adapter.failure(Reply(drop_after=0), streaming=streaming)

    assert error.error_class is ErrorClass.CONNECTION
    assert len(adapter.calls) == 1


def test_a_connection_that_drops_within_a_stream_is_a_connection_error(adapter: Adapter):
    error = adapter.failure(Reply(drop_after=2, chunk_interval=0.05), streaming=True)

    assert error.error_class is ErrorClass.CONNECTION
    assert len(adapter.calls) == 1


@both_ways
@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nobody.invalid"], ids=["refused", "dns"])
def test_an_address_where_nobody_listens_is_a_connection_error(adapter: Adapter, address: str, streaming: bool):
    adapter.provider = adapter.backend("x", api_key=CANARY, base_url=address)

    assert adapter.failure(streaming=streaming).error_class is ErrorClass.CONNECTION


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3600", 3600.0), ("1.5", 1.5), ("0", 0.0), ("999999999", 86_400.0), ("soon", None), ("-5", None)],
)
def test_retry_after_is_read_in_seconds(adapter: Adapter, value: str, seconds: float | None):
    reply = Reply(status=503, headers={"retry-after": value}, body=adapter.error_body("Later."))

    assert adapter.failure(reply).retry_after == seconds
    assert len(adapter.calls) == 1


def test_retry_after_may_be_a_date(adapter: Adapter):
    at = datetime.now(UTC) + timedelta(seconds=120)
    headers = {"retry-after": format_datetime(at, usegmt=True)}

    error = adapter.failure(Reply(status=429, headers=headers, body=adapter.error_body("Later.")))

    assert error.retry_after == pytest.approx(120, abs=5)


@both_ways
def test_the_key_is_in_no_error_even_when_the_vendor_repeats_it(adapter: Adapter, streaming: bool):
    body = adapter.error_body(f"Incorrect API key provided: {CANARY}.")
    error = adapter.failure(Reply(status=401, body=body), streaming=streaming)

    texts = []
    current: BaseException | None = error
    while current is not None:
        texts += [str(current), repr(current)]
        current = current.__cause__ or current.__context__
    assert len(texts) > 2
    assert "[redacted]" in error.message
    assert not [text for text in texts if CANARY in text]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"message": "x", "type": "server_error", "code": None}, ErrorClass.OVERLOADED),
        ({"message": "x", "type": "tokens", "code": "rate_limit_exceeded"}, ErrorClass.RATE_LIMITED),
        ({"message": "x", "type": "insufficient_quota", "code": None}, ErrorClass.QUOTA_EXHAUSTED),
        ({"message": "x", "type": "invalid_request_error", "code": None}, ErrorClass.BAD_REQUEST),
        ({"message": "x", "code": 502}, ErrorClass.OVERLOADED),
        ({"message": "x", "code": "429"}, ErrorClass.RATE_LIMITED),
    ],
)
@pytest.mark.parametrize("kind", [OpenAI, Compatible])
def test_openai_error_events_have_their_class(
    stub: VendorStub, kind: type[Adapter], event: dict[str, Any], expected: ErrorClass
):
    adapter = kind(stub)
    error = adapter.failure(Reply(cut_after=1, error_event=event), streaming=True)

    assert error.error_class is expected
    assert len(adapter.calls) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("overloaded_error", ErrorClass.OVERLOADED),
        ("api_error", ErrorClass.OVERLOADED),
        ("rate_limit_error", ErrorClass.RATE_LIMITED),
        ("billing_error", ErrorClass.QUOTA_EXHAUSTED),
        ("invalid_request_error", ErrorClass.BAD_REQUEST),
        ("authentication_error", ErrorClass.AUTH),
        ("timeout_error", ErrorClass.TIMEOUT),
    ],
)
def test_anthropic_error_events_have_their_class(stub: VendorStub, kind: str, expected: ErrorClass):
    adapter = Anthropic(stub)
    error = adapter.failure(Reply(cut_after=1, error_event=adapter.error("x", kind)), streaming=True)

    assert (error.error_class, error.status_code) == (expected, None)
    assert len(adapter.calls) == 1


@pytest.mark.parametrize(("code", "expected"), [(503, ErrorClass.OVERLOADED), (429, ErrorClass.RATE_LIMITED)])
def test_gemini_error_events_have_their_class(stub: VendorStub, code: int, expected: ErrorClass):
    adapter = Gemini(stub)
    event = {"code": code, "message": "x", "status": "UNAVAILABLE"}
    error = adapter.failure(Reply(cut_after=1, error_event=event), streaming=True)

    assert error.error_class is expected
    assert len(adapter.calls) == 1
