"""What every adapter owes the engine. A new adapter joins through `providers.tests.adapters`."""

from __future__ import annotations

import asyncio

import pytest

from providers.base import Completion, FinishReason
from providers.exceptions import ErrorClass, ProviderError
from providers.options import OPTIONS
from providers.tests.adapters import Adapter, Situation
from providers.tests.reply import Reply

both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


@both_ways
def test_a_good_answer_has_text_model_finish_reason_usage_and_request_id(contracted: Adapter, streaming: bool):
    completion = contracted.play(Situation.GOOD, streaming=streaming)

    assert isinstance(completion, Completion)
    assert completion.text
    assert contracted.model in completion.model
    assert completion.finish_reason is FinishReason.STOP
    assert completion.usage.input_tokens
    assert completion.usage.output_tokens
    assert completion.provider_request_id


def test_a_stream_brings_the_whole_text_in_pieces(contracted: Adapter):
    completion = contracted.play(Situation.GOOD, streaming=True)

    assert isinstance(completion, Completion)
    assert len(contracted.chunks) > 1
    assert "".join(contracted.chunks) == completion.text


@both_ways
def test_an_answer_cut_by_its_length_limit_is_no_error(contracted: Adapter, streaming: bool):
    completion = contracted.play(Situation.LENGTH, streaming=streaming)

    assert isinstance(completion, Completion)
    assert completion.finish_reason is FinishReason.LENGTH


@both_ways
def test_a_filtered_answer_is_a_lasting_error_that_keeps_the_text(contracted: Adapter, streaming: bool):
    error = contracted.play(Situation.FILTERED, streaming=streaming)

    assert isinstance(error, ProviderError)
    assert error.error_class is ErrorClass.CONTENT_FILTER
    assert not error.retryable
    assert error.completion is not None
    assert error.completion.text


@both_ways
def test_a_rate_limit_says_how_long_to_wait(contracted: Adapter, streaming: bool):
    error = contracted.play(Situation.RATE_LIMITED, streaming=streaming)

    assert isinstance(error, ProviderError)
    assert (error.error_class, error.retry_after, error.status_code) == (ErrorClass.RATE_LIMITED, 7.0, 429)
    assert error.retryable


def test_a_stream_that_ends_without_its_terminal_marker_is_truncated(contracted: Adapter):
    error = contracted.play(Situation.CUT_STREAM, streaming=True)

    assert isinstance(error, ProviderError)
    assert error.error_class is ErrorClass.STREAM_TRUNCATED
    assert error.retryable
    assert len(contracted.chunks) == 2


def test_every_option_is_either_supported_or_refused_by_name(contracted: Adapter):
    parameters = dict.fromkeys(OPTIONS)

    assert contracted.backend.supported_options <= OPTIONS
    assert set(contracted.backend.unsupported(parameters)) == OPTIONS - contracted.backend.supported_options


def test_one_instance_serves_one_event_loop_after_another(contracted: Adapter):
    for _ in range(2):
        assert asyncio.run(contracted.provider.complete(contracted.request())).text


@both_ways
def test_usage_counts_cached_tokens_as_input_and_reasoning_as_output(adapter: Adapter, streaming: bool):
    completion = adapter.play(Situation.GOOD, streaming=streaming)

    assert isinstance(completion, Completion)
    usage = completion.usage
    assert (usage.input_tokens, usage.cached_tokens) == (100, 40)
    assert (usage.output_tokens, usage.reasoning_tokens) == (20, 5)


@both_ways
def test_usage_that_the_vendor_does_not_tell_is_unknown_and_not_zero(adapter: Adapter, streaming: bool):
    answer = (adapter.stream if streaming else adapter.complete)(Reply(usage={}))
    completion = answer[-1] if isinstance(answer, list) else answer

    assert isinstance(completion, Completion)
    assert completion.usage.input_tokens is None
    assert completion.usage.cached_tokens is None


@both_ways
def test_one_completion_is_one_call(adapter: Adapter, streaming: bool):
    adapter.play(Situation.GOOD, streaming=streaming)

    assert len(adapter.calls) == 1


@both_ways
def test_the_key_goes_to_the_vendor_in_its_header(adapter: Adapter, streaming: bool):
    adapter.play(Situation.GOOD, streaming=streaming)

    assert adapter.provider.api_key in adapter.calls[0].headers[adapter.key_header]


@both_ways
def test_text_that_postgresql_can_not_store_is_made_storable(adapter: Adapter, streaming: bool):
    body_text = "a\x00b\ud83dc"
    answer = (adapter.stream if streaming else adapter.complete)(Reply(text=body_text, chunks=1))
    completion = answer[-1] if isinstance(answer, list) else answer

    assert isinstance(completion, Completion)
    assert completion.text == "a\ufffdb\ufffdc"


def test_hundreds_of_calls_are_in_flight_at_once(adapter: Adapter):
    adapter.stub.script(adapter.model, [Reply(latency=1.0)] * 300)

    async def run() -> list[Completion]:
        try:
            return await asyncio.gather(*[adapter.provider.complete(adapter.request()) for _ in range(300)])
        finally:
            await adapter.provider.close()

    asyncio.run(run())

    assert adapter.stub.max_in_flight >= 200
