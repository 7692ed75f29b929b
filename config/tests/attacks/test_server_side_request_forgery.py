"""SSRF: nobody but the operator says where the server calls, and so nobody has a vendor's key sent elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from documents.models import Batch
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.tests.admin.benches import bench, typed
from prompts.tests.factories import make_request
from prompts.tests.personas import client_of

ELSEWHERE = "http://169.254.169.254/latest/meta-data"
#: What vendors' libraries call an address, a proxy or a header of their own.
NAMES = [
    "base_url",
    "api_base",
    "api_url",
    "azure_endpoint",
    "endpoint",
    "url",
    "host",
    "proxy",
    "proxies",
    "http_client",
    "http_options",
    "client_options",
    "transport",
    "webhook",
    "callback_url",
    "organization",
    "extra_headers",
    "extra_query",
    "extra_body",
    "default_headers",
]
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}
ADDRESSES: dict[str, dict[str, Any]] = {
    "/api/ai/prompts/": QUESTION,
    "/api/ai/prompts/text": {"template": "Say {{input}}."},
    "/api/ai/prompts/text/1/sandbox": {"text": "Say hello.", "model": "simulator/default"},
    "/api/ai/prompts/text/render": {"variables": {"input": "x"}},
    "/api/ai/prompt-types/": {"slug": "poem", "label": "Poem"},
    "/api/ai/documents/batches/": {"promptType": "text", "model": "simulator/default", "documents": []},
}
MODELS = (
    ELSEWHERE,
    f"openai@{ELSEWHERE}",
    "openai/../evil",
    "//evil.example/gpt",
    "file:///etc/passwd",
    "simulator/a b",
)


@pytest.fixture
def api(root: Any) -> Any:
    return client_of(root)


def assert_nothing_was_made() -> None:
    assert not PromptRequest.objects.exists()
    assert not Batch.objects.exists()
    assert PromptVersion.objects.filter(prompt_type__slug="text").count() == 1
    assert not PromptType.objects.filter(slug="poem").exists()


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_address_in_a_body_is_refused_by_name(api: Any, path: str) -> None:
    for name in NAMES:
        answer = api.post(path, ADDRESSES[path] | {name: ELSEWHERE})
        assert (answer.status_code, name in answer.json()["errors"]) == (400, True), (name, answer.content)
    assert_nothing_was_made()


@pytest.mark.parametrize(
    ("path", "holder"),
    [
        ("/api/ai/prompts/", "parameters"),
        ("/api/ai/prompts/text", "parameters"),
        ("/api/ai/prompt-types/", "default_parameters"),
    ],
)
def test_an_address_among_the_parameters_is_refused_by_name(api: Any, path: str, holder: str) -> None:
    for name in NAMES:
        answer = api.post(path, ADDRESSES[path] | {holder: {name: ELSEWHERE}})
        assert answer.status_code == 400, (name, answer.content)
        assert f"{name}: " in answer.json()["message"]
    assert_nothing_was_made()


@pytest.mark.parametrize("model", MODELS)
def test_an_address_for_a_model_is_no_model(api: Any, model: str) -> None:
    replayed = make_request()
    assert api.post(f"/api/ai/prompts/{replayed.pk}/replay", {"model": model}).status_code == 400
    assert api.post("/api/ai/prompts/", QUESTION | {"model": model}).status_code == 400
    assert api.post("/api/ai/prompts/text", {"template": "{{input}}", "model": model}).status_code == 400
    assert PromptRequest.objects.get() == replayed


@pytest.mark.parametrize("name", ["base_url", "extra_headers", "http_client"])
def test_the_console_takes_no_address_either(root: Any, name: str) -> None:
    browser = Client()
    browser.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    sent = typed(parameters=f'{{"{name}": "{ELSEWHERE}"}}')
    for address in (bench(), bench("text", "_run")):
        assert browser.post(address, sent | {name: ELSEWHERE}).status_code in {200, 302, 400}
    assert_nothing_was_made()
