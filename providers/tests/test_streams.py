"""A stream and an answer in one piece are two ways to the same answer: try-outs are streamed, requests are not."""

from __future__ import annotations

from typing import Any

import pytest

from providers.base import Chunk, Completion
from providers.exceptions import ErrorClass
from providers.tests.adapters import Adapter
from providers.tests.reply import Reply

#: What asks for a stream, and for its usage; Gemini has an address of its own for it.
STREAM_KEYS = {"stream", "stream_options"}
SCHEMA = {"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]}
OPTIONS: dict[str, Any] = {"system": "Be brief.", "max_tokens": 50, "stop": ["END"], "json_schema": SCHEMA}
THAI = "ยอดรวมทั้งหมด"


def whole(adapter: Adapter, *replies: Reply, **fields: Any) -> Completion:
    """The answer that a stream ends with."""
    *chunks, last = adapter.stream(*replies, **fields)
    assert isinstance(last, Completion)
    assert all(isinstance(chunk, Chunk) for chunk in chunks)
    return last


@pytest.mark.parametrize(
    "reply",
    [Reply(), Reply(text=THAI, chunks=5), Reply(text='{"total": "7"}'), Reply(text="x", chunks=1)],
    ids=["good", "thai", "object", "one piece"],
)
def test_both_ways_lead_to_the_same_answer(adapter: Adapter, reply: Reply) -> None:
    assert whole(adapter, reply) == adapter.complete(reply)


def test_a_finish_reason_is_the_same_either_way(adapter: Adapter) -> None:
    reply = Reply(finish=adapter.length)
    assert whole(adapter, reply).finish_reason == adapter.complete(reply).finish_reason


def test_the_same_is_asked_for_either_way(adapter: Adapter) -> None:
    adapter.complete(parameters=OPTIONS)
    adapter.stream(parameters=OPTIONS)
    asked, streamed = (call.body for call in adapter.calls)
    assert {name: value for name, value in streamed.items() if name not in STREAM_KEYS} == asked


def test_what_was_sent_before_an_error_is_no_answer(adapter: Adapter) -> None:
    error = adapter.failure(Reply(cut_after=2, error_event=adapter.error("Too much.")), streaming=True)
    assert (error.error_class, len(adapter.chunks)) == (ErrorClass.OVERLOADED, 2)
    assert error.completion is None


def test_a_connection_that_breaks_in_a_stream_is_told_as_that(adapter: Adapter) -> None:
    error = adapter.failure(Reply(drop_after=2), streaming=True)
    assert error.error_class in {ErrorClass.CONNECTION, ErrorClass.STREAM_TRUNCATED}
    assert error.retryable


def test_a_refusal_before_the_stream_is_the_same_either_way(adapter: Adapter) -> None:
    refused = Reply(status=401, body=adapter.error_body("No."))
    one, other = (adapter.failure(refused, streaming=streaming) for streaming in (False, True))
    assert (one.error_class, one.status_code) == (other.error_class, other.status_code) == (ErrorClass.AUTH, 401)
