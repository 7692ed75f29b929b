"""A version's field schema goes with its requests to models that can be held to it."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.services import submission
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA = {"type": "object", "properties": {"subject": {"type": "string", "maxLength": 9}}}
OTHER = {"type": "object", "properties": {"total": {"type": "number"}}}
VENDORS = {
    "openai": {"backend": "providers.openai.OpenAIProvider"},
    "ollama": {"backend": "providers.openai.OpenAICompatibleProvider"},
    "simulator": {"backend": "providers.simulator.SimulatorProvider"},
}


@pytest.fixture(autouse=True)
def vendors(settings: Any) -> None:
    settings.LLM_PROVIDERS = VENDORS


def ask(version: PromptVersion, model: str = "openai/gpt-5-mini", **given: Any) -> PromptRequest:
    request = submission.submit(
        user=make_user(),
        prompt_type=version.prompt_type_id,
        variables={"input": "Hello"},
        version_number=version.version_number,
        model=model,
        **given,
    )
    request.refresh_from_db()
    return request


@pytest.mark.parametrize("model", ["openai/gpt-5-mini", "simulator/default"])
@pytest.mark.parametrize("is_sandbox", [False, True])
def test_a_request_of_a_version_carries_its_schema(model: str, is_sandbox: bool) -> None:
    request = ask(make_version(field_schema=SCHEMA), model, is_sandbox=is_sandbox)
    assert request.parameters == {"json_schema": SCHEMA}


def test_a_request_that_awaits_its_text_carries_it_too() -> None:
    version = make_version(field_schema=SCHEMA)
    request = submission.submit_awaiting(
        user=make_user(), prompt_type="text", version_number=version.version_number, model="openai/gpt-5-mini"
    )
    assert request.parameters == {"json_schema": SCHEMA}


def test_other_parameters_stay_also_in_a_stream() -> None:
    given = {"stream": True, "max_tokens": 50}
    assert ask(make_version(field_schema=SCHEMA), parameters=given).parameters == given | {"json_schema": SCHEMA}


@pytest.mark.parametrize("model", ["openai/gpt-4-turbo", "ollama/qwen3"])
def test_a_model_that_may_refuse_schemas_gets_none(model: str) -> None:
    assert ask(make_version(field_schema=SCHEMA), model).parameters == {}


def test_a_version_without_a_schema_adds_nothing() -> None:
    assert ask(make_version()).parameters == {}


def test_a_schema_in_the_request_has_precedence() -> None:
    request = ask(make_version(field_schema=SCHEMA), parameters={"json_schema": OTHER})
    assert request.parameters == {"json_schema": OTHER}


def test_a_schema_in_the_version_s_parameters_has_precedence() -> None:
    version = make_version(field_schema=SCHEMA, parameters={"json_schema": OTHER})
    assert ask(version).parameters == {"json_schema": OTHER}


def test_a_schema_in_the_type_s_parameters_has_precedence_and_reaches_a_named_endpoint() -> None:
    PromptType.objects.filter(slug="text").update(default_parameters={"json_schema": OTHER})
    assert ask(make_version(field_schema=SCHEMA), "ollama/qwen3").parameters == {"json_schema": OTHER}


def test_a_schema_that_would_make_the_parameters_too_long_stays_away() -> None:
    version = make_version(field_schema=SCHEMA | {"description": "x" * 60_000})
    given = {"system": "y" * 10_000}
    assert ask(version, parameters=given).parameters == given


def test_a_text_that_is_sent_ready_has_no_schema() -> None:
    make_version(field_schema=SCHEMA)
    request = submission.submit(user=make_user(), prompt_type="text", prompt_text="Hi", model="openai/gpt-5-mini")
    assert request.parameters == {}


def test_a_replay_repeats_the_schema() -> None:
    request = ask(make_version(field_schema=SCHEMA))
    assert submission.replay(request, user=make_user()).parameters == {"json_schema": SCHEMA}
