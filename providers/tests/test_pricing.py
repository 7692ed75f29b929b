"""Prices: known ones exact, unknown ones None, never zero and never an error."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from providers import pricing
from providers.anthropic import AnthropicProvider
from providers.base import Provider, Usage
from providers.gemini import GeminiProvider
from providers.openai import OpenAICompatibleProvider, OpenAIProvider
from providers.pricing import price
from providers.shapes import tokens
from providers.simulator import SimulatorProvider

OPENAI = OpenAIProvider("openai", api_key="k")
ANTHROPIC = AnthropicProvider("anthropic", api_key="k")
GEMINI = GeminiProvider("gemini", api_key="k")
MILLION = 1_000_000


def test_input_and_output_have_their_own_price():
    assert price(OPENAI, "gpt-4o", Usage(input_tokens=MILLION, output_tokens=MILLION)) == Decimal("12.5")


def test_cached_input_is_cheaper():
    usage = Usage(input_tokens=MILLION, cached_tokens=MILLION, output_tokens=0)

    assert price(OPENAI, "gpt-4o", usage) == Decimal("1.25")


def test_cache_writes_are_dearer_at_anthropic():
    plain = price(ANTHROPIC, "claude-sonnet-4-5", Usage(input_tokens=1000, output_tokens=0))
    written = price(ANTHROPIC, "claude-sonnet-4-5", Usage(input_tokens=1000, cache_write_tokens=1000, output_tokens=0))

    assert plain == Decimal("0.003")
    assert written == Decimal("0.00375")


@pytest.mark.parametrize(
    ("provider", "model"),
    [(OPENAI, "gpt-4o-2024-08-06"), (ANTHROPIC, "claude-sonnet-4-5-20250929"), (GEMINI, "gemini-2.5-flash")],
)
def test_the_model_may_carry_its_date(provider: Provider, model: str):
    assert price(provider, model, Usage(input_tokens=10, output_tokens=10))


@pytest.mark.parametrize("model", ["imaginary-9", "", "x" * 5000, "\x00", "../../etc"])
@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC, GEMINI])
def test_an_unknown_model_has_no_price(provider: Provider, model: str):
    assert price(provider, model, Usage(input_tokens=10, output_tokens=10)) is None


@pytest.mark.parametrize(
    "usage",
    [
        Usage(),
        Usage(input_tokens=10),
        Usage(output_tokens=10),
        Usage(input_tokens=10, cached_tokens=50, output_tokens=1),
    ],
    ids=["nothing", "no output", "no input", "more cached than sent"],
)
def test_unknown_or_impossible_usage_has_no_price(usage: Usage):
    assert price(OPENAI, "gpt-4o", usage) is None


def test_a_price_list_that_breaks_costs_no_answer():
    with patch.object(pricing, "_calculated", autospec=True, side_effect=TypeError("a bug")):
        assert price(OPENAI, "gpt-4o", Usage(input_tokens=1, output_tokens=1)) is None


def test_a_token_count_that_no_column_holds_is_an_unknown_one():
    counted = SimpleNamespace(few=500, many=2**31, nonsense=-1, yes=True)
    assert [tokens(counted, name) for name in vars(counted)] == [500, None, None, None]


def test_a_named_endpoint_has_no_prices():
    endpoint = OpenAICompatibleProvider("vllm", base_url="http://localhost:1")

    assert price(endpoint, "gpt-4o", Usage(input_tokens=10, output_tokens=10)) is None


def test_the_simulator_has_no_prices():
    assert price(SimulatorProvider("simulator"), "default", Usage(input_tokens=1, output_tokens=1)) is None


def test_a_list_price_of_zero_is_an_unknown_price():
    assert price(GEMINI, "gemma-3", Usage(input_tokens=10, output_tokens=10)) is None
