"""The same call on the short way and through the framework (docs/decisions/0020-hot-path-of-accepting.md)."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.test import APIClient

PROMPTS = "/api/ai/prompts/"
QUESTION: dict[str, Any] = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}
FILLED: dict[str, Any] = {"prompt_type": "text", "variables": {"input": "{{input}} ก"}, "model": "simulator/default"}
#: It leads the same call to the framework, and changes nothing else.
ORDINARY = {"HTTP_ACCEPT": "application/json;q=1"}
#: What tells one request from the next, in a body or a header.
OWN = {"id", "created_at", "Location", "X-Correlation-ID"}
#: Headers of the middleware that the short way leaves out: a new request is told in no language.
LEFT_OUT = {"Vary", "Content-Language"}
Told = tuple[int, dict[str, Any], dict[str, Any]]


def told(answer: Any) -> Told:
    """Status, headers and body, but for what is another one with each request."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN | LEFT_OUT}
    body = {name: value for name, value in answer.json().items() if name not in OWN}
    return answer.status_code, headers, body


def send(client: APIClient, body: Any, **headers: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(PROMPTS, raw, content_type="application/json", **headers)


def both_ways(client: APIClient, body: Any, **headers: Any) -> tuple[Told, Told]:
    return told(send(client, body, **headers)), told(send(client, body, **headers | ORDINARY))
