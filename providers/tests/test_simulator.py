"""The simulator: deterministic, honest about itself, and able to fail on demand."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from providers.base import Chunk, Completion, CompletionRequest, FinishReason
from providers.exceptions import RETRYABLE, ErrorClass, ProviderError
from providers.simulator import SimulatorProvider


def request(prompt: str = "How are you today?", **fields: Any) -> CompletionRequest:
    simulate = fields.pop("simulate", None)
    parameters = fields.pop("parameters", {}) | ({"simulate": simulate} if simulate else {})
    return CompletionRequest(model="default", prompt=prompt, parameters=parameters, **fields)


def complete(prompt: str = "How are you today?", **fields: Any) -> Completion:
    return asyncio.run(SimulatorProvider("simulator").complete(request(prompt, **fields)))


def stream(**fields: Any) -> list[Chunk | Completion]:
    async def run() -> list[Chunk | Completion]:
        return [item async for item in SimulatorProvider("simulator").stream(request(**fields))]

    return asyncio.run(run())


def test_the_same_prompt_has_the_same_answer():
    assert complete("Hello there") == complete("Hello there")


def test_another_prompt_has_another_answer():
    assert complete("Hello there").text != complete("Hello here").text


def test_the_answer_says_that_it_is_simulated():
    completion = complete()

    assert "simulated" in completion.text.lower()
    assert completion.model == "simulator/default"


def test_tokens_are_words():
    usage = complete("one two three", parameters={"system": "four five"}).usage

    assert usage.input_tokens == 5
    assert usage.output_tokens == len(complete("one two three").text.split())


def test_max_tokens_cuts_the_answer():
    completion = complete(parameters={"max_tokens": 3})

    assert (completion.finish_reason, completion.usage.output_tokens) == (FinishReason.LENGTH, 3)


def test_text_and_token_counts_can_be_scripted():
    completion = complete(simulate={"text": '{"total": 5}', "input_tokens": 1000, "output_tokens": 0})

    assert completion.text == '{"total": 5}'
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (1000, 0)


@pytest.mark.parametrize("error_class", ErrorClass)
def test_each_error_class_can_be_scripted(error_class: ErrorClass):
    with pytest.raises(ProviderError) as caught:
        complete(simulate={"error": error_class.value, "retry_after": 2.5, "status_code": 418})

    error = caught.value
    assert (error.error_class, error.retry_after, error.status_code) == (error_class, 2.5, 418)
    assert error.retryable == (error_class in RETRYABLE)


def test_only_the_first_attempts_fail_when_told_so():
    script = {"error": "overloaded", "fail_attempts": 2}
    for attempt in (1, 2):
        with pytest.raises(ProviderError):
            complete(simulate=script, attempt=attempt)

    assert complete(simulate=script, attempt=3).text


def test_a_cut_stream_heals_after_the_attempts_that_fail():
    items = stream(simulate={"cut_stream": True, "fail_attempts": 1}, attempt=2)

    assert isinstance(items[-1], Completion)


def test_chunks_can_be_scripted():
    chunks = stream(simulate={"text": "abcdefgh", "chunks": 4})[:-1]

    assert chunks == [Chunk("ab"), Chunk("cd"), Chunk("ef"), Chunk("gh")]


def test_an_empty_text_streams_as_nothing_but_its_end():
    assert [type(item) for item in stream(simulate={"text": ""})] == [Completion]


def test_latency_is_waited_for():
    started = time.monotonic()
    complete(simulate={"latency_ms": 200})

    assert time.monotonic() - started >= 0.2


def test_latency_beyond_the_deadline_is_a_timeout():
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        complete(simulate={"latency_ms": 60_000}, timeout=0.1)

    assert caught.value.error_class is ErrorClass.TIMEOUT
    assert time.monotonic() - started < 5
