"""Our options in each vendor's words, as they arrive there."""

from __future__ import annotations

from typing import Any

import pytest

from providers.tests.adapters import Anthropic, Compatible, Gemini, OpenAI
from providers.tests.reply import Reply
from providers.tests.stubs import Call, VendorStub

CLOSED_SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}


@pytest.fixture
def options() -> dict[str, Any]:
    return {
        "system": "Be brief.",
        "max_tokens": 50,
        "stop": "END",
        "reasoning_effort": "low",
        "json_schema": CLOSED_SCHEMA,
    }


@pytest.fixture
def sampling() -> dict[str, Any]:
    return {"temperature": 0.5, "top_p": 0.9, "seed": 7, "presence_penalty": 0.1, "frequency_penalty": 0.2}


def call_of(adapter: Any, parameters: dict[str, Any], **fields: Any) -> Call:
    adapter.complete(parameters=parameters, **fields)
    call: Call = adapter.calls[0]
    return call


def test_openai_gets_its_own_names(stub: VendorStub, options: dict[str, Any], sampling: dict[str, Any]):
    adapter = OpenAI(stub)

    assert call_of(adapter, options | sampling).body == {
        "model": adapter.model,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Say hello."},
        ],
        "max_completion_tokens": 50,
        "stop": ["END"],
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": CLOSED_SCHEMA, "strict": True},
        },
        **sampling,
    }


def test_openai_gets_our_request_id(stub: VendorStub):
    assert call_of(OpenAI(stub), {}, request_id="r-1").headers["x-client-request-id"] == "r-1"


def test_openai_streams_are_asked_for_their_usage(stub: VendorStub):
    adapter = OpenAI(stub)
    adapter.stream()

    assert adapter.calls[0].body["stream_options"] == {"include_usage": True}


def test_a_named_endpoint_gets_max_tokens_and_top_k(stub: VendorStub):
    body = call_of(Compatible(stub), {"max_tokens": 50, "top_k": 5}).body

    assert (body["max_tokens"], body["top_k"]) == (50, 5)
    assert "max_completion_tokens" not in body


def test_a_named_endpoint_without_a_key_gets_no_credentials_of_openai(
    stub: VendorStub, monkeypatch: pytest.MonkeyPatch
):
    foreign = {
        "OPENAI_API_KEY": "sk-foreign",
        "OPENAI_ADMIN_KEY": "sk-foreign-admin",
        "OPENAI_ORG_ID": "org-foreign",
        "OPENAI_PROJECT_ID": "proj-foreign",
        "OPENAI_CUSTOM_HEADERS": "X-Gateway: foreign",
    }
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    adapter = Compatible(stub)
    adapter.provider = adapter.backend("ollama", base_url=adapter.base_url)

    headers = call_of(adapter, {}).headers

    assert "authorization" not in headers
    assert not [value for value in headers.values() if "foreign" in value]


def test_anthropic_gets_its_own_names(stub: VendorStub, options: dict[str, Any]):
    adapter = Anthropic(stub)

    assert call_of(adapter, options).body == {
        "model": adapter.model,
        "messages": [{"role": "user", "content": "Say hello."}],
        "system": "Be brief.",
        "max_tokens": 50,
        "stop_sequences": ["END"],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": CLOSED_SCHEMA}},
    }


def test_anthropic_always_gets_a_token_limit(stub: VendorStub):
    assert call_of(Anthropic(stub), {}).body["max_tokens"] == 16_000


def test_gemini_gets_its_own_names(stub: VendorStub, options: dict[str, Any], sampling: dict[str, Any]):
    call = call_of(Gemini(stub), options | sampling | {"top_k": 5})

    assert call.body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert call.body["generationConfig"] == {
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 5,
        "maxOutputTokens": 50,
        "stopSequences": ["END"],
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "seed": 7,
        "responseMimeType": "application/json",
        "responseJsonSchema": CLOSED_SCHEMA,
        # The SDK leaves this one name as protobuf has it; the API takes both.
        "thinkingConfig": {"thinking_level": "LOW"},
    }


def test_gemini_is_told_the_deadline_of_the_whole_call(stub: VendorStub):
    adapter = Gemini(stub)
    adapter.stream(timeout=300.0)

    assert adapter.calls[0].headers["x-server-timeout"] == "300"


def test_gemini_follows_no_continuation_by_itself(stub: VendorStub):
    adapter = Gemini(stub)
    candidate = {
        "content": {"parts": [{"text": "half"}], "role": "model"},
        "finishReason": "CONTINUATION",
        "continuationToken": "more",
    }
    adapter.complete(Reply(body={"candidates": [candidate]}))

    assert len(adapter.calls) == 1
