"""`manage.py list_models`."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

SIMULATOR = {"backend": "providers.simulator.SimulatorProvider", "api_key": "", "base_url": ""}
OLLAMA = {"backend": "providers.openai.OpenAICompatibleProvider", "api_key": "", "base_url": "http://x/v1"}


def listed() -> list[list[str]]:
    output = io.StringIO()
    call_command("list_models", stdout=output)
    return [line.split() for line in output.getvalue().splitlines()]


def test_each_model_is_listed_with_its_provider_and_the_default_is_marked(settings: Any) -> None:
    settings.LLM_PROVIDERS = {"ollama": OLLAMA, "simulator": SIMULATOR}
    settings.MODELS_ALLOWED = ["ollama/llama3", "simulator/default"]
    settings.DEFAULT_MODEL = "ollama/llama3"
    assert listed() == [["*", "ollama/llama3", "ollama"], ["simulator/default", "simulator"]]


def test_a_default_that_no_list_holds_is_shown_all_the_same(settings: Any) -> None:
    settings.LLM_PROVIDERS = {"ollama": OLLAMA}
    settings.MODELS_ALLOWED = []
    settings.DEFAULT_MODEL = "ollama/llama3"
    assert listed() == [["*", "ollama/llama3", "ollama"], ["ollama/*", "ollama"]]


def test_without_a_default_nothing_is_marked(settings: Any) -> None:
    settings.LLM_PROVIDERS = {"ollama": OLLAMA}
    settings.MODELS_ALLOWED = ["ollama/llama3"]
    settings.DEFAULT_MODEL = ""
    assert listed() == [["ollama/llama3", "ollama"]]


def test_without_any_model_it_says_what_to_set(settings: Any) -> None:
    settings.LLM_PROVIDERS = {}
    with pytest.raises(CommandError, match="OPENAI_API_KEY"):
        listed()
