"""Timeouts and redirects, on real sockets."""

from __future__ import annotations

import time
from typing import Any

import pytest

from providers.exceptions import ErrorClass
from providers.tests.adapters import Adapter
from providers.tests.reply import Reply
from providers.tests.stubs import VendorStub

both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


@both_ways
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_bad_response_and_the_key_stays_here(adapter: Adapter, status: int, streaming: bool):
    with VendorStub() as elsewhere:
        reply = Reply(status=status, headers={"location": f"{elsewhere.url}/v1/steal"}, body="")
        error = adapter.failure(reply, streaming=streaming)

    assert (error.error_class, error.status_code) == (ErrorClass.BAD_RESPONSE, status)
    assert elsewhere.calls == []
    assert len(adapter.calls) == 1


@both_ways
def test_a_vendor_that_keeps_silent_is_a_timeout(adapter: Adapter, streaming: bool):
    started = time.monotonic()
    error = adapter.failure(Reply(latency=5.0), streaming=streaming, timeout=0.5)

    assert error.error_class is ErrorClass.TIMEOUT
    assert time.monotonic() - started < 3
    assert len(adapter.calls) == 1


def test_a_stream_that_trickles_past_the_deadline_is_a_timeout(adapter: Adapter):
    reply = Reply(text="x" * 100, chunks=100, chunk_interval=0.05)
    error = adapter.failure(reply, streaming=True, timeout=0.7)

    assert error.error_class is ErrorClass.TIMEOUT
    assert adapter.chunks


def test_a_stream_that_falls_silent_is_a_timeout_long_before_the_deadline(adapter: Adapter, settings: Any):
    settings.LLM_CHUNK_TIMEOUT = 0.3
    started = time.monotonic()
    error = adapter.failure(Reply(chunk_interval=5.0), streaming=True, timeout=30.0)

    assert error.error_class is ErrorClass.TIMEOUT
    assert time.monotonic() - started < 3


def test_an_answer_in_one_piece_may_take_longer_than_the_time_between_chunks(adapter: Adapter, settings: Any):
    settings.LLM_CHUNK_TIMEOUT = 0.1

    assert adapter.complete(Reply(latency=0.5)).text
