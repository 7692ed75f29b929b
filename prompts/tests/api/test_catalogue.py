"""Models and prompt types."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from prompts.models import PromptType

MODELS = "/api/ai/models"
TYPES = "/api/ai/prompt-types/"
POEM = {"slug": "poem", "label": "Poem"}


def test_models_lists_what_is_configured_and_usable(as_owner: APIClient, settings: Any) -> None:
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {
        "vllm": {"backend": "providers.openai.OpenAICompatibleProvider", "api_key": "canary", "base_url": "http://x/v1"}
    }
    settings.MODELS_ALLOWED = ["vllm/meta-llama/Llama-3", "simulator/default"]
    settings.DEFAULT_MODEL = "vllm/meta-llama/Llama-3"
    answer = as_owner.get(MODELS)
    assert b"canary" not in answer.content
    assert answer.json()["results"] == [
        {"name": "vllm/meta-llama/Llama-3", "provider": "vllm", "simulated": False, "is_default": True},
        {"name": "simulator/default", "provider": "simulator", "simulated": True, "is_default": False},
    ]


def test_models_asks_the_database_for_the_tokens_user_only(
    as_owner: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        as_owner.get(MODELS)


def test_any_user_reads_the_types(as_owner: APIClient) -> None:
    slugs = [row["slug"] for row in as_owner.get(TYPES).json()["results"]]
    assert slugs == ["code", "data_analysis", "ocr_extraction", "report", "text"]
    assert as_owner.get(f"{TYPES}text").json()["label"] == "Text"


def test_types_can_be_narrowed_to_the_active_ones(as_owner: APIClient) -> None:
    PromptType.objects.exclude(slug="text").update(is_active=False)
    assert [row["slug"] for row in as_owner.get(f"{TYPES}?is_active=true").json()["results"]] == ["text"]
    assert as_owner.get(f"{TYPES}?is_active=maybe").status_code == 400


@pytest.mark.parametrize("cursor", ["cD0lMDA=", "cD1gIE9SIDE9MQ==", "x"])
def test_a_cursor_that_was_tampered_with_is_refused(as_owner: APIClient, cursor: str) -> None:
    assert as_owner.get(TYPES, {"cursor": cursor}).status_code == 400


def test_pages_of_types_join(as_owner: APIClient) -> None:
    page = as_owner.get(f"{TYPES}?page_size=2").json()
    rest = as_owner.get(page["next"]).json()
    slugs = [row["slug"] for row in page["results"] + rest["results"]]
    assert slugs == ["code", "data_analysis", "ocr_extraction", "report"]


def test_an_admin_adds_a_type_and_is_told_where_it_is(as_admin: APIClient) -> None:
    answer = as_admin.post(TYPES, POEM | {"default_model": "simulator/default", "default_parameters": {"seed": 1}})
    assert answer.status_code == 201, answer.content
    assert as_admin.get(answer.headers["Location"]).json() == answer.json()


def test_an_admin_changes_a_type(as_admin: APIClient) -> None:
    answer = as_admin.patch(f"{TYPES}text", {"label": "Prose", "is_active": False})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["label"], answer.json()["is_active"]) == ("Prose", False)


def test_what_templates_of_a_type_must_be_is_set_and_shown(as_admin: APIClient, as_owner: APIClient) -> None:
    rules = {"required_placeholders": ["one", "two"], "max_template_length": 30, "requires_review": True}
    assert as_admin.post(TYPES, POEM | rules).status_code == 201
    assert rules.items() <= as_owner.get(f"{TYPES}poem").json().items()
    versions = "/api/ai/prompts/poem"
    assert as_admin.post(versions, {"template": "{{one}}"}).status_code == 400
    assert as_admin.post(versions, {"template": "{{one}} {{two}}" + " " * 16}).status_code == 400
    assert as_admin.post(versions, {"template": "{{one}} {{two}}" + " " * 15}).status_code == 201
    assert as_admin.patch(f"{TYPES}poem", {"required_placeholders": []}).json()["required_placeholders"] == []


def test_others_may_not_write(as_owner: APIClient) -> None:
    assert as_owner.post(TYPES, POEM).status_code == 403
    assert as_owner.patch(f"{TYPES}text", {"label": "Mine"}).status_code == 403
    assert PromptType.objects.get(slug="text").label == "Text"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "text"),
        ("slug", "Has Space"),
        ("slug", "9lives"),
        ("slug", "a/b"),
        ("slug", "x" * 65),
        ("label", ""),
        ("label", "x" * 121),
        ("description", "x" * 2001),
        ("default_model", "nobody/knows"),
        ("default_parameters", {"temperature": "hot"}),
        ("default_parameters", {"base_url": "http://x"}),
        ("default_parameters", []),
        ("is_active", "perhaps"),
        ("is_active", "true"),
        ("is_active", 1),
        ("is_active", None),
        ("requires_review", "no"),
        ("max_template_length", 0),
        ("max_template_length", 100_001),
        ("max_template_length", "4000"),
        ("max_template_length", True),
        ("required_placeholders", "input"),
        ("required_placeholders", ["Input"]),
        ("required_placeholders", ["{{input}}"]),
        ("required_placeholders", ["input", "input"]),
        ("required_placeholders", [f"name{number}" for number in range(21)]),
        ("required_placeholders", [""]),
        ("required_placeholders", {"input": "x"}),
        ("version_counter", 7),
        ("active_epoch", 7),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("id", 1),
    ],
)
def test_a_type_that_cannot_be_used_is_refused_on_its_field(as_admin: APIClient, field: str, value: Any) -> None:
    answer = as_admin.post(TYPES, POEM | {field: value})
    assert answer.status_code == 400, answer.content
    assert {name.partition(".")[0] for name in answer.json()["errors"]} == {field}
    assert not PromptType.objects.filter(slug="poem").exists()


def test_an_option_that_the_default_models_vendor_lacks_is_refused(as_admin: APIClient, settings: Any) -> None:
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {
        "openai": {"backend": "providers.openai.OpenAIProvider", "api_key": "k", "base_url": ""}
    }
    answer = as_admin.patch(f"{TYPES}text", {"default_model": "openai/gpt-5", "default_parameters": {"top_k": 5}})
    assert list(answer.json()["errors"]) == ["default_parameters"]


@pytest.mark.parametrize("change", [{"slug": "other"}, {"created_at": "2020-01-01T00:00:00Z"}, {"label": ""}])
def test_a_change_that_cannot_be_made_is_refused(as_admin: APIClient, change: dict[str, str]) -> None:
    answer = as_admin.patch(f"{TYPES}text", change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(change))


def test_an_unknown_type_is_404(as_admin: APIClient) -> None:
    assert as_admin.get(f"{TYPES}poem").status_code == 404
    assert as_admin.patch(f"{TYPES}poem", {"label": "x"}).status_code == 404
