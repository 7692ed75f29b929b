"""The seeded field schema, and one that can't be enforced, as they arrive at each vendor."""

from __future__ import annotations

from typing import Any

import pytest

from providers import registry
from providers.schemas import portable
from providers.tests.adapters import ADAPTERS, Adapter, Anthropic, Compatible, Gemini, OpenAI
from providers.tests.stubs import VendorStub
from providers.tests.test_schemas import OCR_SCHEMA

MAP = {"type": "object", "additionalProperties": {"type": "number"}}


def body_for(adapter: Adapter, schema: dict[str, Any], *, streaming: bool = False) -> dict[str, Any]:
    # Under load the first import of an SDK would take all of the call's time.
    adapter.provider.warm_up()
    send = adapter.stream if streaming else adapter.complete
    send(parameters={"json_schema": schema})
    body: dict[str, Any] = adapter.calls[0].body
    return body


def is_held(body: dict[str, Any]) -> bool:
    """Whether the body speaks of the form of the answer at all."""
    return any(body.get(name) for name in ("response_format", "output_config", "generationConfig"))


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("kind", [OpenAI, Compatible])
def test_openai_is_held_to_the_schema(stub: VendorStub, kind: type[Adapter], streaming: bool) -> None:
    assert body_for(kind(stub), OCR_SCHEMA, streaming=streaming)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": portable(OCR_SCHEMA), "strict": True},
    }


@pytest.mark.parametrize("streaming", [False, True])
def test_anthropic_is_held_to_the_schema(stub: VendorStub, streaming: bool) -> None:
    body = body_for(Anthropic(stub), OCR_SCHEMA, streaming=streaming)
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": portable(OCR_SCHEMA)}}


@pytest.mark.parametrize("streaming", [False, True])
def test_gemini_is_held_to_the_schema(stub: VendorStub, streaming: bool) -> None:
    config = body_for(Gemini(stub), OCR_SCHEMA, streaming=streaming)["generationConfig"]
    assert config["responseJsonSchema"] == portable(OCR_SCHEMA)
    assert config["responseMimeType"] == "application/json"


def test_openai_is_told_a_schema_that_it_can_not_be_held_to(stub: VendorStub) -> None:
    told = body_for(OpenAI(stub), MAP)["response_format"]["json_schema"]
    assert (told["schema"], told["strict"]) == (MAP, False)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_a_root_that_is_no_object_is_sent_to_nobody(stub: VendorStub, kind: type[Adapter]) -> None:
    assert not is_held(body_for(kind(stub), {"type": "array", "items": {"type": "string"}}))


@pytest.mark.parametrize("kind", [Anthropic, Gemini])
def test_others_are_not_sent_what_they_would_refuse(stub: VendorStub, kind: type[Adapter]) -> None:
    assert not is_held(body_for(kind(stub), MAP))


@pytest.mark.parametrize(
    ("model", "gets_one"),
    [
        ("openai/gpt-5-mini", True),
        ("openai/gpt-4o-mini", True),
        ("openai/gpt-4.1", True),
        ("openai/gpt-4-turbo", False),
        ("openai/gpt-3.5-turbo", False),
        ("openai/gpt-4o-2024-05-13", False),
        ("anthropic/claude-sonnet-4-5", True),
        ("anthropic/claude-haiku-4-5-20251001", True),
        ("anthropic/claude-sonnet-5", True),
        ("anthropic/claude-sonnet-4-20250514", False),
        ("anthropic/claude-opus-4-1", False),
        ("anthropic/claude-3-5-haiku-latest", False),
        ("gemini/gemini-3.5-flash", True),
        ("gemini/gemma-3-27b-it", False),
        ("ollama/qwen3", False),
        ("simulator/default", True),
    ],
)
def test_only_models_that_take_schemas_get_one_unasked(settings: Any, model: str, gets_one: bool) -> None:
    settings.LLM_PROVIDERS = {
        alias: {"backend": f"providers.{path}"}
        for alias, path in {
            "openai": "openai.OpenAIProvider",
            "anthropic": "anthropic.AnthropicProvider",
            "gemini": "gemini.GeminiProvider",
            "ollama": "openai.OpenAICompatibleProvider",
            "simulator": "simulator.SimulatorProvider",
        }.items()
    }
    assert registry.enforces_schemas(model) is gets_one
