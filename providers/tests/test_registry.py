"""Names of models to providers, as settings have them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import override_settings

from providers import registry
from providers.exceptions import (
    AmbiguousModel,
    ConfigurationError,
    NoDefaultModel,
    UnknownModel,
    UnsupportedOption,
)
from providers.openai import OpenAICompatibleProvider
from providers.registry import ModelInfo
from providers.simulator import SimulatorProvider

SIMULATOR = {"simulator": {"backend": "providers.simulator.SimulatorProvider", "api_key": "", "base_url": ""}}
VENDORS = {
    "openai": {"backend": "providers.openai.OpenAIProvider", "api_key": "k1", "base_url": ""},
    "anthropic": {"backend": "providers.anthropic.AnthropicProvider", "api_key": "k2", "base_url": ""},
    "gemini": {"backend": "providers.gemini.GeminiProvider", "api_key": "k3", "base_url": ""},
}
VLLM = {
    "vllm": {
        "backend": "providers.openai.OpenAICompatibleProvider",
        "api_key": "",
        "base_url": "http://gpu.invalid:8000/v1",
    }
}


@pytest.fixture
def configured(settings: Any) -> Any:
    """All vendors, a named endpoint and the simulator."""
    settings.LLM_PROVIDERS = {**SIMULATOR, **VENDORS, **VLLM}
    settings.MODELS_ALLOWED = []
    settings.DEFAULT_MODEL = ""
    return settings


@pytest.mark.usefixtures("configured")
class TestResolve:
    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            ("openai/gpt-99-imaginary", ("openai", "gpt-99-imaginary")),
            ("openai/ft:gpt-4o:acme::x1", ("openai", "ft:gpt-4o:acme::x1")),
            ("vllm/meta-llama/Llama-3", ("vllm", "meta-llama/Llama-3")),
            ("simulator/default", ("simulator", "default")),
            ("gpt-4o", ("openai", "gpt-4o")),
            ("gpt-4o-2024-08-06", ("openai", "gpt-4o-2024-08-06")),
            ("claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
            ("gemini-2.5-flash", ("gemini", "gemini-2.5-flash")),
            ("gemini-2.0-flash", ("gemini", "gemini-2.0-flash")),
        ],
    )
    def test_a_model_has_its_provider(self, model: str, expected: tuple[str, str]):
        assert registry.resolve(model) == expected

    @pytest.mark.parametrize(
        "model",
        [
            "",
            "/",
            "openai/",
            "openai/ ",
            "openai/a b",
            "openai/gpt\n",
            "gemini/../../v1beta/cachedContents",
            "gemini/x:countTokens?y=",
            "gemini/x#y",
            "gemini/%2e%2e",
            "openai/" + "x" * 194,
            "mistral/large",
            "llama-3",
            "text-embedding-3-small",
            "default",
        ],
    )
    def test_a_name_that_nobody_serves_is_answered_with_what_there_is(self, model: str):
        with pytest.raises(UnknownModel) as caught:
            registry.resolve(model)

        assert {"openai/gpt-4o", "vllm/*", "simulator/default"} <= set(caught.value.available)


def test_a_bare_name_that_two_providers_have_is_ambiguous(configured: Any):
    configured.MODELS_ALLOWED = ["openai/gpt-4o", "vllm/gpt-4o"]

    with pytest.raises(AmbiguousModel) as caught:
        registry.resolve("gpt-4o")

    assert caught.value.available == ["openai/gpt-4o", "vllm/gpt-4o"]


def test_allowed_models_narrow_what_passes(configured: Any):
    configured.MODELS_ALLOWED = ["openai/gpt-4o", "vllm/*"]

    assert registry.resolve("openai/gpt-4o") == ("openai", "gpt-4o")
    assert registry.resolve("vllm/anything") == ("vllm", "anything")
    for refused in ("openai/gpt-5", "anthropic/claude-sonnet-4-5", "claude-sonnet-4-5", "simulator/default"):
        with pytest.raises(UnknownModel):
            registry.resolve(refused)


def test_an_allowed_model_of_an_endpoint_has_its_bare_name(configured: Any):
    configured.MODELS_ALLOWED = ["vllm/meta-llama/Llama-3"]

    assert registry.resolve("meta-llama/Llama-3") == ("vllm", "meta-llama/Llama-3")


def test_a_bare_name_that_gets_too_long_with_its_provider_is_served_by_nobody(configured: Any):
    configured.MODELS_ALLOWED = ["vllm/" + "x" * 200, "vllm/" + "y" * 195]

    assert registry.resolve("y" * 195) == ("vllm", "y" * 195)
    with pytest.raises(UnknownModel):
        registry.resolve("x" * 200)


def test_available_models_are_catalogues_endpoints_and_last_the_simulator(configured: Any):
    models = registry.available_models()

    assert ModelInfo("openai/gpt-4o", "openai") in models
    assert ModelInfo("anthropic/claude-sonnet-4-5", "anthropic") in models
    assert ModelInfo("gemini/gemini-2.5-flash", "gemini") in models
    assert ModelInfo("vllm/*", "vllm") in models
    assert models[-1] == ModelInfo("simulator/default", "simulator")


def test_available_models_leave_out_what_is_deprecated_or_no_chat_model(configured: Any):
    names = {model.name for model in registry.available_models()}

    assert not names & {"gemini/gemini-2.0-flash", "openai/whisper-1", "openai/text-embedding-3-small"}
    assert not [name for name in names if name.startswith("gemini/claude")]


def test_available_models_are_exactly_those_allowed(configured: Any):
    configured.MODELS_ALLOWED = ["openai/gpt-4o", "vllm/*"]

    assert [model.name for model in registry.available_models()] == ["openai/gpt-4o", "vllm/*"]


def test_the_default_model_is_the_one_that_is_set(configured: Any):
    configured.DEFAULT_MODEL = "gpt-4o"

    assert registry.default_model() == "openai/gpt-4o"


def test_a_default_model_that_nobody_serves_is_an_error(configured: Any):
    configured.DEFAULT_MODEL = "mistral/large"

    with pytest.raises(UnknownModel):
        registry.default_model()


def test_the_simulator_is_the_default_only_while_nothing_real_is_configured(configured: Any):
    configured.LLM_PROVIDERS = SIMULATOR

    assert registry.default_model() == "simulator/default"


def test_no_default_is_guessed_among_real_providers(configured: Any):
    with pytest.raises(NoDefaultModel, match="DEFAULT_MODEL"):
        registry.default_model()


def test_a_provider_is_made_once(configured: Any):
    provider = registry.get("vllm")

    assert registry.get("vllm") is provider
    assert isinstance(provider, OpenAICompatibleProvider)
    assert (provider.alias, provider.base_url) == ("vllm", "http://gpu.invalid:8000/v1")


def test_an_alias_that_is_not_configured_is_a_configuration_error(configured: Any):
    with pytest.raises(ConfigurationError, match="mistral"):
        registry.get("mistral")


def test_changed_settings_make_new_providers(configured: Any):
    before = registry.get("openai")
    with override_settings(LLM_PROVIDERS={"openai": {**VENDORS["openai"], "api_key": "other"}}):
        assert registry.get("openai").api_key == "other"
        assert {model.provider for model in registry.available_models()} == {"openai"}

    assert registry.get("openai") is not before
    assert registry.get("openai").api_key == "k1"


@pytest.mark.parametrize(
    ("alias", "parameters", "refused"),
    [
        ("openai", {"top_k": 5, "temperature": 1, "simulate": {}}, ["simulate", "top_k"]),
        ("anthropic", {"temperature": 1, "seed": 1, "max_tokens": 5}, ["seed", "temperature"]),
        ("anthropic", {"reasoning_effort": "minimal"}, ["reasoning_effort=minimal"]),
        ("gemini", {"reasoning_effort": "none", "simulate": {}}, ["reasoning_effort=none", "simulate"]),
        ("vllm", {"simulate": {}}, ["simulate"]),
    ],
)
def test_options_that_a_vendor_lacks_are_refused_by_name(
    configured: Any, alias: str, parameters: dict[str, Any], refused: list[str]
):
    with pytest.raises(UnsupportedOption) as caught:
        registry.check_options(alias, parameters)

    assert caught.value.options == refused
    assert all(name in str(caught.value) for name in refused)


@pytest.mark.parametrize("alias", ["openai", "anthropic", "gemini", "vllm", "simulator"])
def test_options_that_a_vendor_has_pass(configured: Any, alias: str):
    registry.check_options(alias, {"system": "x", "max_tokens": 5, "reasoning_effort": "low", "stream": True})


def test_closing_all_forgets_the_instances(configured: Any):
    before = registry.get("simulator")
    asyncio.run(registry.close_all())

    assert isinstance(before, SimulatorProvider)
    assert registry.get("simulator") is not before


def test_a_model_of_a_vendor_without_a_key_is_refused_with_what_to_set(settings) -> None:
    settings.LLM_PROVIDERS = {"simulator": {"backend": "providers.simulator.SimulatorProvider"}}
    with pytest.raises(UnknownModel, match=r"openai/gpt-5-mini can't be used: OPENAI_API_KEY is not set"):
        registry.resolve("openai/gpt-5-mini")
