"""Clickjacking: no page lets another site show it in a frame, and none is taken for another kind of file."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from prompts.tests.personas import client_of

PAGES = [
    "/admin/",
    "/admin/login/",
    "/admin/operations/",
    "/admin/prompts/promptrequest/",
    "/admin/nothing/",
    "/api-auth/login/",
    "/api/docs/",
    "/api/redoc/",
    "/api/schema/",
    "/api/ai/prompts/",
    "/api/ai/prompts/text/active",
    "/api/nothing",
    "/nothing",
    "/healthz",
    "/metrics",
]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_in_a_frame_of_another_site(root: Any, console: Client, path: str) -> None:
    for answer in (console.get(path), client_of(root).get(path), Client().get(path)):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_script_may_stand_in_a_page(console: Client, path: str) -> None:
    policy = console.get(path).headers["Content-Security-Policy"]
    scripts = [part for part in policy.split(";") if part.strip().startswith(("script-src", "default-src"))]
    assert not [part for part in scripts if "unsafe" in part or "*" in part or "http" in part or "data:" in part]
