"""Cached secrets: what one person sees is kept by no cache for the next, and a token by none at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.tests.conftest import PASSWORD
from prompts.tests.admin.benches import bench
from prompts.tests.admin.stories import answered
from prompts.tests.personas import client_of

CONSOLE = [
    "/admin/",
    "/admin/operations/",
    "/admin/prompts/promptrequest/",
    "/admin/prompts/promptversion/",
    "/admin/documents/document/",
    "/admin/system/user/",
    "/admin/system/apitoken/",
    "/admin/audit/auditentry/",
    "/admin/password_change/",
]
API = ["/api/ai/prompts/", "/api/tokens/", "/api/ai/documents/", "/api/audit/", "/api/ai/prompts/text/active"]


def directives(answer: Any) -> set[str]:
    return {part.strip() for part in answer.headers.get("Cache-Control", "").split(",")}


@pytest.mark.parametrize("path", CONSOLE)
def test_a_page_of_the_console_is_kept_by_nobody(console: Client, path: str) -> None:
    answer = console.get(path)
    assert answer.status_code == 200
    assert {"no-store", "private"} <= directives(answer)


def test_neither_is_a_request_nor_the_workbench_of_a_type(console: Client, root: Any) -> None:
    for path in (f"/admin/prompts/promptrequest/{answered('Hello.', root).pk}/change/", bench()):
        assert {"no-store", "private"} <= directives(console.get(path))


@pytest.mark.parametrize("path", API)
def test_an_answer_of_the_api_is_for_its_caller_alone(root: Any, console: Client, path: str) -> None:
    for answer in (client_of(root).get(path), console.get(path, headers={"Accept": "application/json"})):
        assert answer.status_code == 200
        assert "public" not in directives(answer)
        assert not [part for part in directives(answer) if part.startswith("s-maxage")]
        assert directives(answer) & {"private", "no-store"}


def test_a_token_is_stored_by_nobody(ann: Any) -> None:
    api, sign_in = client_of(ann), {"username": "ann", "password": PASSWORD}
    pair = client_of().post("/api/token/", sign_in)
    renewed = client_of().post("/api/token/refresh/", {"refresh": pair.json()["refresh"]})
    made = api.post("/api/tokens/", {"name": "robot"})
    assert [answer.status_code for answer in (pair, renewed, made)] == [200, 200, 201]
    assert [directives(answer) & {"no-store"} for answer in (pair, renewed, made)] == [{"no-store"}] * 3


def test_a_page_that_was_signed_out_of_is_closed(console: Client) -> None:
    console.logout()
    assert console.get("/admin/prompts/promptrequest/").status_code == 302
